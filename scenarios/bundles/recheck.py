"""Judges a stored run again, without a forwarder: by the rules as they are now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from uplab.scenarios.bundles.stored import StoredRun
from uplab.scenarios.checks.checks import Route
from uplab.scenarios.checks.question import CHECKS, Question
from uplab.scenarios.checks.verdict import Outcome, Verdict
from uplab.scenarios.history.history import Event

__all__ = ["Again", "RecheckError", "judge_again", "recheck"]


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
    """Asks every check of a stored run the same again, in the order of the run; StoredError when a history is gone."""
    for scenario in run.scenarios:
        asked = [verdict for verdict in scenario["verdicts"] if verdict.get("question")]
        events = run.history(scenario) if asked else []
        for verdict in scenario["verdicts"]:
            yield _again(scenario["id"], verdict, events)
        if not scenario["verdicts"] and scenario.get("outcome") != "not applicable":
            yield Again(scenario["id"], "scenario", str(scenario.get("outcome")), None, "it left no verdict")


def _again(scenario: str, verdict: Mapping[str, Any], events: Sequence[Event]) -> Again:
    check, before, question = verdict["check"], verdict["outcome"], verdict.get("question")
    if not question:
        return Again(scenario, check, before, None)
    try:
        return Again(scenario, check, before, judge_again(question, events))
    except RecheckError as error:
        return Again(scenario, check, before, None, str(error))


def judge_again(question: Question, events: Sequence[Event]) -> Verdict:
    """Asks a check the same again; RecheckError when there is no such check any more, or it asks for something else."""
    parameters = dict(question)
    name, until = parameters.pop("check", None), parameters.pop("until", None)
    if not isinstance(name, str) or name not in CHECKS:
        raise RecheckError(f"there is no check {name!r} any more; there are {', '.join(CHECKS)}")
    if not isinstance(until, int):
        raise RecheckError(f"the check {name!r} cannot read what it was asked: until must be the number of an event")
    try:
        seen = [event for event in events if event.seq <= until]  # what came later was not asked for
        return CHECKS[name](seen, **{key: _meant(key, value) for key, value in parameters.items()})
    except Exception as error:  # noqa: BLE001 - question and history may be a stranger's, and wrong in any way
        raise RecheckError(f"the check {name!r} cannot read what it was asked: {error!r}") from None


def _meant(key: str, value: Any) -> Any:
    """The value of a parameter from its plain data."""
    if key == "to":
        return Route(**value)
    if key == "also":
        return tuple(Route(**one) for one in value)
    if isinstance(value, Mapping):
        return {name: by_device.__getitem__ for name, by_device in value.items()}
    return value
