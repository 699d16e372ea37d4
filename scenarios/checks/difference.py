"""How two documents differ: as JSON, numbers by value, without what a forwarder may add."""

from decimal import Decimal
from itertools import takewhile
from json import dumps, loads
from typing import Any

from uplab.scenarios.history.identity import find_report

__all__ = ["difference", "doubles", "numbers", "text_of", "without_additions"]

# What a forwarder may add to a document (design: "Unaltered").
ADDED = frozenset({"downlinkUrl", "payload", "payloadDecodedError", "points"})
_LONGEST = 80  # characters of a value that is told
_LED_UP = 20  # characters before the place where two long values part


def difference(expected: Any, received: Any, pointer: str = "") -> str | None:
    """The first place where two JSON values differ, as "pointer: expected, received"; numbers compare by value."""
    if isinstance(expected, dict) and isinstance(received, dict):
        for key, value in expected.items():
            if key not in received:
                return f"{pointer}/{key}: expected {_short(value)}, received nothing"
            found = difference(value, received[key], f"{pointer}/{key}")
            if found:
                return found
        extra = [key for key in received if key not in expected]
        return (
            f"{pointer}/{extra[0]}: not in the network's document, received {_short(received[extra[0]])}"
            if extra
            else None
        )
    if isinstance(expected, list) and isinstance(received, list):
        for index, (one, other) in enumerate(zip(expected, received, strict=False)):
            found = difference(one, other, f"{pointer}/{index}")
            if found:
                return found
        return (
            None
            if len(expected) == len(received)
            else f"{pointer}: expected {len(expected)} elements, received {len(received)}"
        )
    if isinstance(expected, bool) != isinstance(received, bool) or expected != received:
        return f"{pointer}: expected {_told(expected, received)}, received {_told(received, expected)}"
    return None


def _told(value: Any, other: Any) -> str:
    """One of two values that differ; of long ones that begin alike, the part where they part."""
    text = text_of(value)
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(text, text_of(other), strict=False)))
    begin = 0 if alike < _LONGEST - 3 else alike - _LED_UP
    return _cut(f"...{text[begin:]}" if begin else text)


def _short(value: Any) -> str:
    return _cut(text_of(value))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def text_of(value: Any) -> str:
    """A value as JSON has it, its fractions with every digit that was written; what is no JSON as its own text."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{text_of(str(key))}: {text_of(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(text_of, value)) + "]"
    if isinstance(value, set | frozenset):
        return text_of(sorted(value, key=str))
    if isinstance(value, str | int | float | None):  # a Decimal is none of these
        # Half of a pair of surrogates is JSON, and no text that could be written to a file.
        return dumps(value, ensure_ascii=False).encode(errors="backslashreplace").decode()
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def numbers(raw: bytes) -> Any:
    """Reads JSON with its fractions as they are written, so that comparing loses no digit."""
    return loads(raw, parse_float=Decimal)


def doubles(raw: bytes) -> Any:
    """Reads JSON with every number as an IEEE double, as JavaScript does."""
    return loads(raw, parse_int=float)


def without_additions(document: Any) -> Any:
    """The document without what a forwarder may add."""
    found = find_report(document)
    if found is None or found[0] not in document:
        return document
    root, report = found
    kept = {key: value for key, value in report.items() if key not in ADDED}
    if isinstance(kept.get("DriverCfg"), dict):
        kept["DriverCfg"] = {key: value for key, value in kept["DriverCfg"].items() if key != "id"}
    return {**document, root: kept}
