"""Judges a stored run again, without a forwarder: by the rules as they are now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from uplab.scenarios.bundles.standing import broken_again
from uplab.scenarios.bundles.stored import StoredError, StoredRun
from uplab.scenarios.checks.check import RENAMED, Check, Question, judged
from uplab.scenarios.checks.checks import CHECKS, Route
from uplab.scenarios.checks.standing.invariant import WHOLE_RUN
from uplab.scenarios.checks.standing.secrecy import NoSecret
from uplab.scenarios.checks.standing.watch import NAMES
from uplab.scenarios.checks.verdict import Outcome, Verdict
from uplab.scenarios.history.history import Event

__all__ = ["Again", "RecheckError", "judge_again", "recheck"]

_MOST_STEPS: Final = 200_000_000  # a question meets each line of its history; minutes


class RecheckError(Exception):
    """A stored verdict cannot be judged again; the text says why in one line."""


@dataclass(frozen=True, slots=True)
class Again:
    """One stored verdict, what was written of it and what it is now; None where it cannot be judged again.

    `why_not` says what is wrong with it, and is None where it was no question to the history, as an answer of the API.
    """

    scenario: str
    check: str
    before: str
    now: Verdict | None
    why_not: str | None = None

    @property
    def outcome(self) -> Outcome:
        """What holds now. Of what cannot be judged again nothing is known, whatever was written of it."""
        return self.now.outcome if self.now is not None else "unknown"

    @property
    def changed(self) -> bool:
        """Whether it was judged again, and differently."""
        return self.now is not None and self.now.outcome != self.before


def recheck(run: StoredRun) -> Iterator[Again]:
    """Asks every check of a stored run the same again, in the order of the run; StoredError when a history is gone.

    Each history is read once, for all that was asked of it, and once more for the standing invariants.
    """
    standing = _Standing(run)
    for scenario in run.scenarios:
        verdicts = scenario["verdicts"]
        asked = {
            index: _asked(verdict["question"])
            for index, verdict in enumerate(verdicts)
            if verdict.get("question") and not _is_standing(verdict)
        }
        readable = {index: one for index, one in asked.items() if not isinstance(one, str)}
        now: dict[int, Verdict | str] = {index: one for index, one in asked.items() if isinstance(one, str)}
        events = run.history(scenario) if asked else []
        if len(readable) * len(events) > _MOST_STEPS:
            raise StoredError(f"{run.path}: {len(readable):,} questions to {len(events):,} lines are too many to ask")
        checks, until = [check for check, _ in readable.values()], [until for _, until in readable.values()]
        now |= dict(zip(readable, map(_readable, judged(events, checks, until=until)), strict=True))
        for index, verdict in enumerate(verdicts):
            if _is_standing(verdict):
                yield standing.again(scenario["id"], verdict)
                continue
            again = now.get(index)
            why_not = again if isinstance(again, str) else None
            verdict_now = None if isinstance(again, str) else again
            yield Again(scenario["id"], verdict["check"], verdict["outcome"], verdict_now, why_not)
        if not verdicts and scenario.get("outcome") != "not applicable":
            yield Again(scenario["id"], "scenario", str(scenario.get("outcome")), None, "it left no verdict")
    yield from standing.whole()


def _is_standing(verdict: dict[str, Any]) -> bool:
    return (verdict.get("question") or {}).get("of") == WHOLE_RUN


class _Standing:
    """The standing invariants of a stored run, asked again."""

    def __init__(self, run: StoredRun) -> None:
        self._run = run
        self._found = broken_again(run)
        self._before = {
            verdict["check"] for one in run.scenarios for verdict in one["verdicts"] if _is_standing(verdict)
        }

    def again(self, scenario: str, verdict: dict[str, Any]) -> Again:
        """One stored break; that nothing breaks it now is known only where the whole run is there."""
        name, before = verdict["check"], verdict["outcome"]
        if name not in NAMES:
            return Again(scenario, name, before, None, f"there is no standing invariant {name!r}")
        now = [one for cause, one in self._found or () if (cause, one.check) == (scenario, name)]
        if now:
            return Again(scenario, name, before, now[0])
        if why_not := self._why_not(name):
            return Again(scenario, name, before, None, why_not)
        if not self._run.whole:
            return Again(scenario, name, before, None, "what broke it is told in the history of another scenario")
        return Again(scenario, name, before, _kept(name))

    def whole(self) -> Iterator[Again]:
        """Each of them over the whole run, where that is there."""
        for name in NAMES if self._found is not None and self._run.whole else ():
            before = "failed" if name in self._before else "passed"
            now = [one for _, one in self._found or () if one.check == name]
            why_not = None if now else self._why_not(name)
            yield Again(WHOLE_RUN, name, before, None if why_not else now[0] if now else _kept(name), why_not)

    def _why_not(self, name: str) -> str | None:
        if self._found is None:
            return "the run does not say how it was watched"
        if name == NoSecret.name:
            return "a stored run does not say which secrets there were"
        return None


def _kept(name: str) -> Verdict:
    return Verdict(name, "passed", 1, "always", "nothing breaks it by the rules as they are now")


def judge_again(question: Question, events: Sequence[Event]) -> Verdict:
    """Asks a check the same again; RecheckError when there is no such check any more, or it asks for something else."""
    asked = _asked(question)
    if isinstance(asked, str):
        raise RecheckError(asked)
    check, until = asked
    [verdict] = map(_readable, judged(events, [check], until=[until]))
    if isinstance(verdict, str):
        raise RecheckError(verdict)
    return verdict


def _asked(question: Question) -> tuple[Check, int] | str:
    """The check that a question asks, and the last event that it may see; in words why there is none."""
    parameters = dict(question)
    name, until = parameters.pop("check", None), parameters.pop("until", None)
    name = RENAMED.get(name, name) if isinstance(name, str) else name
    if not isinstance(name, str) or name not in CHECKS:
        return _whose(name, parameters.get("module"))
    if not isinstance(until, int):
        return f"the check {name!r} cannot read what it was asked: until must be the number of an event"
    try:
        return CHECKS[name](**{key: _meant(key, value) for key, value in parameters.items()}), until
    except Exception as error:  # noqa: BLE001 - a question may be a stranger's, and wrong in any way
        return f"the check {name!r} cannot read what it was asked: {error!r}"


def _whose(name: object, module: object) -> str:
    """Why there is no such check here: a stored run may name a module, and is not believed so far as to import it."""
    if isinstance(name, str) and isinstance(module, str):
        return f"the check {name[:60]!r} is of the module {module[:80]!r}: uplab recheck --checks names it, or its file"
    return f"there is no check {name!r} any more; there are {', '.join(one for one in CHECKS if not CHECKS[one].own)}"


def _readable(verdict: Verdict) -> Verdict | str:
    """A verdict, or in words why the check broke over what a stranger may have written."""
    if verdict.outcome == "error":
        return f"the check {verdict.check!r} cannot read what it was asked: {verdict.happened}"
    return verdict


def _meant(key: str, value: Any) -> Any:
    """The value of a parameter from its plain data."""
    if key == "to":
        return Route(**value)
    if key == "also":
        return tuple(Route(**one) for one in value)
    if key == "expected":
        return {name: by_device.__getitem__ for name, by_device in value.items()}
    return value
