"""A run beside those before it: which causes are new, known, back, flaky, and which are mended.

Runs are compared with those of the same forwarder only. A scenario counts where it came to an end: what was not
selected, not reached or not applicable says nothing of a cause.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from uplab.reports.causes import Cause
from uplab.reports.past.entries import Entry, entry_of, read_past
from uplab.reports.past.trend import Trend, trends
from uplab.reports.run import ReportError, Run
from uplab.reports.text import moment

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run beside those before it; `told` says of each cause in words since when it is there."""

    against: Entry | None
    told: dict[str, str]
    fixed: tuple[str, ...]
    trouble: str | None = None
    """Why an earlier run could not be read, in one line."""
    trends: tuple[Trend, ...] = ()

    @property
    def new(self) -> tuple[str, ...]:
        """The ids of causes that no earlier run had."""
        return tuple(id_ for id_, words in self.told.items() if words == "new")

    @property
    def sentence(self) -> str:
        """The whole in one line; empty where there is nothing to compare with."""
        if self.against is None:
            return ""
        known = len(self.told) - len(self.new)
        parts = [f"{len(self.new)} new", f"{known} known", f"{len(self.fixed)} fixed"]
        of = f" {self.against.version}" if self.against.version else ""
        return f"{', '.join(parts)}, beside the run{of} of {moment(self.against.started)}"


def compare(run: Run, found: Sequence[Cause]) -> Comparison:
    """The run, with the causes that were found in it, beside those that were noted before it.

    Which one is `run.compare`: the last, the last "green" one, or one by its folder's name.
    """
    entries, trouble = read_past(run.folder.resolve().parent)
    # By its beginning too: where CI has put its folder elsewhere, a run is still no run before itself.
    own = (n for n, one in enumerate(entries) if one.name == run.name or one.started == run.started)
    before = entries[: next(own, len(entries))]
    same = [one for one in before if one.forwarder == run.forwarder.name]
    try:
        beside = _chosen(same, run.compare)
    except ReportError as error:
        beside, trouble = None, str(error)
    now = entry_of(run, found)
    told = {cause.id: _since(cause, same, now) for cause in found} if same else {}
    fixed = (
        []
        if beside is None
        else [
            id_
            for id_, scenarios in beside.causes.items()
            if id_ not in now.causes and now.passed.issuperset(scenarios)
        ]
    )
    return Comparison(beside, told, tuple(fixed), trouble, trends(same, now))


def _chosen(same: Sequence[Entry], against: str) -> Entry | None:
    if against == "last":
        return same[-1] if same else None
    if against == "green":
        return next((one for one in reversed(same) if one.green), None)
    for one in same:
        if one.name == against:
            return one
    known = ", ".join(one.name for one in same[-3:]) or "none"
    raise ReportError(f"there is no earlier run {against!r} of this forwarder; the last ones are {known}")


def _since(cause: Cause, same: Sequence[Entry], now: Entry) -> str:
    """In words: new, or since when, in how many of the runs that could have shown it; and whether it comes and goes."""
    scenarios = {scenario.id for scenario in cause.scenarios}
    had = [one for one in same if cause.id in one.causes]
    if not had:
        return "new"
    ran = [one for one in same if scenarios & (one.passed | one.bad) or one in had]
    words = f"known since {moment(had[0].started)[:10]}, in {len(had)} of {len(ran)} runs"
    alike = [cause.id in one.causes for one in ran if one.version == now.version]
    if True in alike and False in alike[alike.index(True) :]:  # it went, with nothing changed, and is here now
        return f"flaky, {words}"
    return words if same[-1] in had else f"back, {words}"
