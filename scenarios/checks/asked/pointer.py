"""JSON as it stands in a line, and fields of it by their JSON pointers (RFC 6901)."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from uplab.scenarios.checks.difference import text_of
from uplab.scenarios.history.secrets import redact

__all__ = ["Shown", "as_stored", "at", "in_words", "meets", "parsed", "wrong_in"]

_SHOWN = 300  # characters of a value

Shown = Mapping[str, Any]
"""What is to stand at each pointer, by the words of `meets`: {"is": a value}, {"has": a text}, {"there": true}."""


def parsed(raw: bytes | None) -> Any:
    """The JSON of a payload; None where it is none."""
    try:
        return orjson.loads(raw or b"")
    except orjson.JSONDecodeError:
        return None


def as_stored(value: Any) -> Any:
    """A value as a line of the history shows it: what is secret in it is a placeholder there."""
    return orjson.loads(redact(orjson.dumps(value)))


def at(document: Any, pointer: str) -> Any:
    """The value at a pointer; None where there is none."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(document, list) and name.isdecimal() and int(name) < len(document):
            document = document[int(name)]
        elif isinstance(document, dict):
            document = document.get(name)
        else:
            return None
    return document


def wrong_in(document: Any, shown: Shown) -> str:
    """What stands at those pointers where something else was to stand, in words; empty where all is as it was to be."""
    found = {pointer: at(document, pointer) for pointer in shown}
    return "; ".join(
        f"{pointer or 'the whole'}: expected {in_words(shown[pointer])}, received {text_of(value)[:_SHOWN]}"
        for pointer, value in found.items()
        if not meets(value, shown[pointer])
    )


def in_words(wanted: Mapping[str, Any]) -> str:
    """What `meets` wants, for people: {"least": 3} is "at least 3"."""
    told = (
        f"{word} {in_words(meant)}" if word.startswith("/") else _SAID[word](text_of(meant)[:_SHOWN])
        for word, meant in wanted.items()
    )
    return " and ".join(told)


def meets(value: Any, wanted: Mapping[str, Any]) -> bool:
    """All that is wanted of one value, each by a word of `_WORDS`; below a JSON pointer, of what stands there.

    ValueError for another word.
    """
    if strange := [word for word in wanted if word not in _WORDS and not word.startswith("/")]:
        raise ValueError(f"{strange[0]!r} is none of {', '.join(_WORDS)}, and no pointer")
    return bool(wanted) and all(
        meets(at(value, word), meant) if word.startswith("/") else _WORDS[word](value, meant)
        for word, meant in wanted.items()
    )


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _near(value: Any, meant: Any) -> bool:
    """Numbers, or lists of them, that differ by what a float loses."""
    if isinstance(value, list) and isinstance(meant, list):
        return len(value) == len(meant) and all(map(_near, value, meant))
    return _number(value) and _number(meant) and math.isclose(value, meant, rel_tol=1e-6, abs_tol=1e-12)


_WORDS: Mapping[str, Callable[[Any, Any], bool]] = {
    # A whole number is no truth value.
    "is": lambda value, meant: value == meant and isinstance(value, bool) == isinstance(meant, bool),
    "not": lambda value, meant: value != meant,
    "near": _near,
    "among": lambda value, meant: value in meant,
    "has": lambda value, meant: str(meant) in str(value),  # a part of its text
    "holds": lambda value, meant: isinstance(value, list | dict | str) and meant in value,  # a member, a key, a part
    "lacks": lambda value, meant: isinstance(value, list | dict | str) and meant not in value,
    "there": lambda value, meant: (value not in (None, "")) == meant,
    "empty": lambda value, meant: (not value) == meant,
    "least": lambda value, meant: _number(value) and value >= meant,
    "most": lambda value, meant: _number(value) and value <= meant,
    "above": lambda value, meant: _number(value) and value > meant,
    "below": lambda value, meant: _number(value) and value < meant,
}
_SAID: Mapping[str, Callable[[str], str]] = {
    "is": "{}".format,
    "not": "anything but {}".format,
    "near": "about {}".format,
    "among": "one of {}".format,
    "has": "a text with {}".format,
    "holds": "one that holds {}".format,
    "lacks": "one without {}".format,
    "there": lambda meant: "something" if meant == "true" else "nothing",
    "empty": lambda meant: "nothing in it" if meant == "true" else "something in it",
    "least": "at least {}".format,
    "most": "at most {}".format,
    "above": "more than {}".format,
    "below": "less than {}".format,
}
