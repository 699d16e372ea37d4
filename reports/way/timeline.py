"""Timelines: the way of each uplink and downlink, hop after hop, and the first place where it diverged.

Pure: lines of a history go in, timelines come out. Memory is bounded by a limit of rows; what is left out is counted.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from uplab.reports.run import Line, Verdict
from uplab.reports.text import one_line
from uplab.reports.way.exchange import as_it_went
from uplab.reports.way.hops import Facts, acknowledged, describe, heard, place

__all__ = ["Collector", "Row", "Timeline", "Timelines", "diverged", "timelines"]

ROWS = 2_000
_ADMIT = 0.8  # of the limit: after it no new document is begun, so that those begun can be shown to their end
_ARRIVALS = ("destination.arrived", "destination.published")


@dataclass(frozen=True, slots=True)
class Row:
    """One hop: milliseconds since the first of its timeline, where, and what happened.

    `mark` says why this is where the way diverged. `delivered` tells a destination's answer that took the document.
    """

    hop: str
    ms: float | None
    place: str
    words: str
    raw: str | None = None
    raw_size: int = 0
    delivered: bool = False
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """The hops of one document in order; `id` is None for the lines that belong to no document.

    `start_s` is when its first line was told, on the run's monotonic clock.
    """

    id: str | None
    title: str
    rows: tuple[Row, ...]
    left_out: int = 0
    start_s: float = 0.0

    @property
    def diverges(self) -> bool:
        """Whether a row is marked as the place where the way diverged."""
        return any(row.mark for row in self.rows)


@dataclass(frozen=True, slots=True)
class Timelines:
    """All timelines of a scenario; `left_out` counts the lines of documents that are not shown at all."""

    shown: tuple[Timeline, ...]
    left_out: int = 0

    @property
    def rows(self) -> int:
        """How many rows are shown."""
        return sum(len(timeline.rows) for timeline in self.shown)


@dataclass(slots=True)
class _Draft:
    """A timeline that is being collected."""

    start_s: float
    title: str = ""
    rows: list[Row] = field(default_factory=list)
    left_out: int = 0
    posts: int = 0
    receptions: list[Facts] = field(default_factory=list)


def timelines(lines: Iterable[Line], *, wanted: Collection[str] = (), limit: int = ROWS) -> Timelines:
    """Collects the timelines of a history, those of the wanted ids first, in at most `limit` rows.

    The wanted ids (those that a verdict complains about) alone keep a preview of the bytes.
    """
    collector = Collector(frozenset(wanted), limit)
    for line in lines:
        collector.add(line)
    return collector.finish()


class Collector:
    """Takes the lines of a history one after the other."""

    def __init__(self, wanted: frozenset[str], limit: int) -> None:
        self._wanted = wanted
        self._limit = limit
        self._drafts: dict[str | None, _Draft] = {}
        self._rows = 0
        self._wanted_rows = 0
        self._left_out = 0

    def add(self, line: Line) -> None:
        """The next line."""
        for id_ in dict.fromkeys(line.ids) or (None,):  # one message may tell of a document twice
            draft = self._draft(id_, line)
            if draft is None:
                self._left_out += 1
            elif not self._joins_receptions(draft, line):
                self._append(id_, draft, line)

    def _draft(self, id_: str | None, line: Line) -> _Draft | None:
        draft = self._drafts.get(id_)
        if draft is None and (id_ in self._wanted or self._rows < self._limit * _ADMIT):
            draft = self._drafts[id_] = _Draft(line.monotonic_s)
        if draft is not None and not draft.title:
            draft.title = _title(line)
        return draft

    def _joins_receptions(self, draft: _Draft, line: Line) -> bool:
        """Several gateways that hear one transmission make one row."""
        if line.hop != "gateway.heard":
            draft.receptions = []
            return False
        same = bool(draft.receptions) and draft.receptions[-1].get("phy_hex") == line.facts.get("phy_hex")
        draft.receptions = [*draft.receptions, line.facts] if same else [line.facts]
        if same and draft.rows and draft.rows[-1].hop == "gateway.heard":
            draft.rows[-1] = replace(draft.rows[-1], words=heard(draft.receptions))
        return same

    def _append(self, id_: str | None, draft: _Draft, line: Line) -> None:
        wanted = id_ in self._wanted
        draft.posts += line.hop == "tunnel.sent"
        if (self._wanted_rows if wanted else self._rows) >= self._limit:
            draft.left_out += 1
            return
        if wanted:
            self._wanted_rows += 1
        else:
            self._rows += 1
        row = _row(line, line.monotonic_s - draft.start_s, with_raw=wanted)
        if id_ is not None and line.hop == "tunnel.sent" and draft.posts > 1:
            row = replace(row, words=f"{row.words} again: post {draft.posts} of this document")
        draft.rows.append(row)

    def finish(self) -> Timelines:
        """The wanted first, then the others as long as there is room, then the lines that belong to no document."""
        order = sorted(self._drafts, key=lambda id_: (id_ is None, id_ not in self._wanted))
        shown: list[Timeline] = []
        room = self._limit
        for id_ in order:
            draft = self._drafts[id_]
            rows = tuple(draft.rows[:room])
            left_out = draft.left_out + len(draft.rows) - len(rows)
            room -= len(rows)
            if rows:
                shown.append(Timeline(id_, draft.title if id_ else "", rows, left_out, draft.start_s))
            else:
                self._left_out += left_out
        return Timelines(tuple(shown), self._left_out)


def _title(line: Line) -> str:
    """What the document is: taken from the first line that tells the device."""
    dev_eui = line.facts.get("dev_eui")
    if not dev_eui:
        return ""
    counter = line.facts.get("f_cnt")
    return f"device {one_line(str(dev_eui), 40)}" + ("" if counter is None else f", FCnt {one_line(str(counter), 20)}")


def _row(line: Line, since_s: float, *, with_raw: bool) -> Row:
    status = line.facts.get("status")
    delivered = (line.hop == "destination.acknowledged" and acknowledged(line.facts)) or (
        line.hop == "destination.answered"
        and isinstance(status, int)
        and 200 <= status < 300
        and bool(line.facts.get("written", True))
    )
    return Row(
        line.hop,
        round(since_s * 1000, 1),
        place(line.hop, line.facts),
        describe(line.hop, line.facts),
        as_it_went(line) if with_raw else None,
        line.raw_size if with_raw else 0,
        delivered,
    )


def diverged(timeline: Timeline, verdict: Verdict) -> Timeline:
    """The timeline with the first hop marked that the verdict names.

    The forwarder writes no lines of its own, so a row is put in where it should have acted; so is one at the end for a
    place that was never reached.
    """
    if timeline.id is None or timeline.id not in verdict.ids or verdict.hop is None:
        return timeline
    note = one_line(f"{verdict.check}: {verdict.happened}", 240)
    rows = list(timeline.rows)
    if verdict.hop == "forwarder":
        index = _forwarder(rows)
        mine = next(
            (near for near in (index - 1, index) if 0 <= near < len(rows) and rows[near].hop == "forwarder"), None
        )
        if mine is not None:
            rows[mine] = _marked(rows[mine], note)
        else:
            rows.insert(index, Row("forwarder", None, "forwarder", "", mark=note))
        return replace(timeline, rows=tuple(rows))
    found = _first(rows, lambda row: row.hop == verdict.hop)
    if found is None:
        found = _first(rows, lambda row: row.hop.partition(".")[0] == str(verdict.hop).partition(".")[0])
    if found is None:
        rows.append(Row(verdict.hop, None, one_line(verdict.hop, 20), "no line: it never came this far", mark=note))
    else:
        rows[found] = _marked(rows[found], note)
    return replace(timeline, rows=tuple(rows))


def _marked(row: Row, note: str) -> Row:
    return replace(row, mark=f"{row.mark}; {note}" if row.mark else note)


def _first(rows: Sequence[Row], fact: Callable[[Row], bool], start: int = 0) -> int | None:
    return next((index for index in range(start, len(rows)) if fact(rows[index])), None)


def _forwarder(rows: Sequence[Row]) -> int:
    """Where the forwarder acted: before the network's part of a downlink; else between the tunnel and the arrival.

    An arrival after one that was taken already is the one that should not be.
    """
    posted = _first(rows, lambda row: row.hop == "tunnel.sent")
    if posted is None:
        down = _first(rows, lambda row: row.hop == "network.downlink")
        if down is not None:
            return down
        posted = _first(rows, lambda row: row.hop == "downlink.posted")
    start = 0 if posted is None else posted + 1
    taken = _first(rows, lambda row: row.delivered, start)
    again = None if taken is None else _first(rows, lambda row: row.hop in _ARRIVALS, taken + 1)
    arrival = _first(rows, lambda row: row.hop in _ARRIVALS, start) if again is None else again
    if arrival is not None:
        return arrival
    ends = [index + 1 for index, row in enumerate(rows) if row.hop.startswith(("tunnel.", "downlink."))]
    return ends[-1] if ends else len(rows)
