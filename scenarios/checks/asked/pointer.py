"""JSON as it stands in a line, and fields of it by their JSON pointers (RFC 6901)."""

from collections.abc import Mapping
from typing import Any

import orjson

from uplab.scenarios.history.secrets import redact

__all__ = ["Shown", "as_stored", "at", "parsed", "wrong_in"]

Shown = Mapping[str, Any]
"""What is to stand at each pointer: {"is": a value}, {"has": a text}, {"among": values} or {"there": true or false}."""


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


def wrong_in(document: Any, shown: Shown) -> dict[str, Any]:
    """What stands at those pointers where something else was to stand."""
    found = {pointer: at(document, pointer) for pointer in shown}
    return {pointer: value for pointer, value in found.items() if not _meets(value, shown[pointer])}


def _meets(value: Any, wanted: Mapping[str, Any]) -> bool:
    """All that is wanted of one field; a whole number is no truth value."""
    for word, meant in wanted.items():
        if word == "is":
            met = value == meant and isinstance(value, bool) == isinstance(meant, bool)
        elif word == "among":
            met = value in meant
        elif word == "has":
            met = str(meant) in str(value)
        elif word == "there":
            met = (value not in (None, "")) == meant
        else:
            raise ValueError(f"{word!r} is none of is, among, has, there")
        if not met:
            return False
    return bool(wanted)
