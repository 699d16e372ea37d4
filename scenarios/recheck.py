"""Judges a stored run again, without a forwarder: by the rules as they are now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scenarios.checks import Route
from scenarios.history import Event
from scenarios.question import CHECKS, Question
from scenarios.stored import StoredRun
from scenarios.verdict import Outcome, Verdict

__all__ = ["Again", "RecheckError", "judge_again", "recheck"]


class RecheckError(Exception):
    """A stored verdict cannot be judged again; the text says why in one line."""


@dataclass(frozen=True, slots=True)
class Again:
    """One stored verdict, what it was and what it is now; None where it was no fold over the history."""

    scenario: str
    check: str
    before: Outcome
    now: Verdict | None
    why_not: str | None = None

    @property
    def outcome(self) -> Outcome:
        """What holds now: what could not be asked again stays what it was."""
        return self.now.outcome if self.now is not None else self.before

    @property
    def same(self) -> bool:
        """Whether the outcome is what it was."""
        return self.outcome == self.before


def recheck(run: StoredRun) -> Iterator[Again]:
    """Asks every check of a stored run the same again, in the order of the run; StoredError when a history is gone."""
    for scenario in run.scenarios:
        asked = [verdict for verdict in scenario["verdicts"] if verdict.get("question")]
        events = run.history(scenario) if asked else []
        for verdict in scenario["verdicts"]:
            yield _again(scenario["id"], verdict, events)


def _again(scenario: str, verdict: Mapping[str, Any], events: Sequence[Event]) -> Again:
    check, before, question = verdict["check"], verdict["outcome"], verdict.get("question")
    if not question:
        return Again(scenario, check, before, None, "it was no question to the history")
    try:
        return Again(scenario, check, before, judge_again(question, events))
    except RecheckError as error:
        return Again(scenario, check, before, None, str(error))


def judge_again(question: Question, events: Sequence[Event]) -> Verdict:
    """Asks a check the same again; RecheckError when there is no such check any more, or it asks for something else."""
    parameters = dict(question)
    name, until = parameters.pop("check"), parameters.pop("until")
    if name not in CHECKS:
        raise RecheckError(f"there is no check {name!r} any more; there are {', '.join(CHECKS)}")
    try:
        seen = [event for event in events if event.seq <= until]  # what came later was not asked for
        return CHECKS[name](seen, **{key: _meant(key, value) for key, value in parameters.items()})
    except (TypeError, KeyError, AttributeError) as error:
        raise RecheckError(f"the check {name!r} cannot read what it was asked: {error}") from None


def _meant(key: str, value: Any) -> Any:
    """The value of a parameter from its plain data."""
    if key == "to":
        return Route(**value)
    if key == "also":
        return tuple(Route(**one) for one in value)
    if isinstance(value, Mapping):
        return {name: by_device.__getitem__ for name, by_device in value.items()}
    return value
