"""A fact of a line of the history, and a kind of line: what they must be, and what is wrong with one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["FORMAT", "Fact", "Hop"]

FORMAT: Final = 2
"""The number of the format. 1 is what was written before there was a number."""


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_pairs(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, list | tuple) and len(one) == 2 for one in value)


def _is_headers(value: Any) -> bool:
    return _is_pairs(value) and all(isinstance(name, str) and isinstance(said, str) for name, said in value)


_TYPES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "text": lambda value: isinstance(value, str),
    "whole number": _is_whole,
    "number": lambda value: _is_whole(value) or isinstance(value, float),
    "true or false": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "objects": lambda value: isinstance(value, list | tuple) and all(isinstance(one, dict) for one in value),
    "[name, value] pairs": _is_headers,
    "[name, value] list": lambda value: _is_pairs(value) and all(isinstance(one[0], str) for one in value),
    "[device, ts] list": lambda value: _is_pairs(value) and all(isinstance(one[0], str) for one in value),
    "any JSON": lambda _value: True,
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a hop. `may_be_null`: the fact is there, and says that there is no such thing.

    `always` tells the facts without which a line of this format is none; `since` the format that brought the fact.
    """

    name: str
    type: str
    meaning: str
    unit: str = ""
    may_be_null: bool = False
    always: bool = True
    since: int = 1
    choices: tuple[str, ...] = ()

    def problem(self, value: Any) -> str | None:
        """Why this cannot be the fact's value; None where it can."""
        if value is None and self.may_be_null:
            return None
        if not _TYPES[self.type](value):
            return f"{self.name} must be {self.type}{' or null' if self.may_be_null else ''}, not {_kind(value)}"
        if self.choices and value not in self.choices:
            return f"{self.name} must be one of {', '.join(self.choices)}, not {value!r:.40}"
        return None


def _kind(value: Any) -> str:
    names = {type(None): "null", str: "text", bool: "true or false", dict: "an object", list: "a list"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else type(value).__name__)


@dataclass(frozen=True, slots=True)
class Hop:
    """One kind of line. `raw` says what the line's bytes are; empty where it has none."""

    name: str
    who: str
    when: str
    facts: tuple[Fact, ...]
    raw: str = ""
    raw_always: bool = True
    raw_since: int = 1

    def problem(self, facts: Mapping[str, Any], *, raw: bool, format_: int = FORMAT) -> str | None:
        """What is wrong with a line of this kind; None where nothing is. `raw` says whether it has bytes."""
        for fact in self.facts:
            if fact.name in facts:
                if wrong := fact.problem(facts[fact.name]):
                    return wrong
            elif fact.always and fact.since <= format_:
                return f"{fact.name} is missing"
        if len(facts) > sum(1 for fact in self.facts if fact.name in facts):
            known = {fact.name for fact in self.facts}
            return f"{next(name for name in facts if name not in known)!r:.40} is no fact of it"
        if raw and not self.raw:
            return "raw is no part of it"
        if self.raw and self.raw_always and not raw and self.raw_since <= format_:
            return "raw is missing"
        return None
