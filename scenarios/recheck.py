"""Judges a stored history again, without a forwarder: by the rules as they are now."""

from collections.abc import Mapping, Sequence
from typing import Any

from scenarios.checks import Route
from scenarios.history import Event
from scenarios.question import CHECKS, Question
from scenarios.verdict import Verdict

__all__ = ["RecheckError", "judge_again"]


class RecheckError(Exception):
    """A stored verdict cannot be judged again; the text says why in one line."""


def judge_again(question: Question, events: Sequence[Event]) -> Verdict:
    """Asks a check the same again; RecheckError when there is no such check any more, or it asks for something else."""
    parameters = dict(question)
    name = parameters.pop("check")
    if name not in CHECKS:
        raise RecheckError(f"there is no check {name!r} any more; there are {', '.join(CHECKS)}")
    try:
        return CHECKS[name](events, **{key: _meant(key, value) for key, value in parameters.items()})
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
