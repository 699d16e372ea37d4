"""Payloads of the device and gateway API: JSON to typed telemetry and attribute values.

The rules are those of ThingsBoard's JsonConverter: telemetry is an object (server time), `{ts, values}`, or an array
that mixes both; attributes are an object; a null value is passed over; a string that looks like a number becomes one.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, TypeVar

import orjson

from uplab.fakes.thingsboard.state.lenient_json import JsonError, parse_lenient
from uplab.fakes.thingsboard.state.numbers import LONG_MAX, LONG_MIN, double_text, looks_numeric, number

__all__ = [
    "Entry",
    "PayloadError",
    "UnreadableError",
    "Value",
    "attributes",
    "gateway_telemetry",
    "long",
    "parse",
    "read",
    "telemetry",
    "value_of",
]

Value = bool | int | float | str | dict[str, Any] | list[Any]
Entry = tuple[int, dict[str, Value]]  # time in ms, values
T = TypeVar("T")

_NUMERIC_START: Final = frozenset("-.0123456789")
_DIGITS: Final = re.compile(r"[+-]?\d+\Z", re.ASCII)
# A number with an exponent, in a place where JSON has numbers: orjson does not tell 1e3 from 1000.0.
_EXPONENT: Final = re.compile(rb"[\[:,\s]-?\d+(?:\.\d+)?[eE]")


class PayloadError(ValueError):
    """A payload that ThingsBoard calls malformed; the message says why."""


class UnreadableError(PayloadError):
    """A payload that is no JSON at all, not even leniently."""


class _InexactError(Exception):
    """The fast parser may have lost the spelling of a number that matters."""


def parse(raw: bytes) -> Any:
    """A payload as JSON, leniently when it must be; raises PayloadError."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return _parse_lenient(raw)


def _parse_lenient(raw: bytes) -> Any:
    try:
        return parse_lenient(raw.decode(errors="replace"))
    except JsonError as error:
        raise UnreadableError(f"not JSON: {error}") from None


def read(raw: bytes, build: Callable[[Any, bytes | None], T]) -> T:
    """Parse a payload and build something of it: fast, and once more by the exact parser when spelling matters.

    `build` gets the JSON and the bytes for the functions below (None: every number is exact already). Raises
    PayloadError, and whatever `build` raises.
    """
    try:
        tree = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return build(_parse_lenient(raw), None)
    try:
        return build(tree, raw)
    except _InexactError:
        return build(_parse_lenient(raw), None)


def telemetry(tree: Any, now_ms: int, raw: bytes | None, *, nulls: bool = True) -> list[Entry]:
    """The entries of a device's telemetry payload; raises PayloadError, for a null value too unless `nulls`."""
    if type(tree) is dict:
        return [_entry(tree, now_ms, raw, nulls=nulls)]
    if type(tree) is not list:
        raise PayloadError("telemetry must be an object or an array")
    return [_entry(_object(item, "an item of the array"), now_ms, raw, nulls=nulls) for item in tree]


def gateway_telemetry(items: list[Any], now_ms: int, raw: bytes | None) -> list[Entry]:
    """The entries of one device in a gateway's telemetry payload; raises PayloadError."""
    found = []
    for item in items:
        if type(item) is not dict:
            raise PayloadError("an item of a device's array must be an object")
        if "metadata" in item:
            _check_metadata(item["metadata"])
            item = {key: value for key, value in item.items() if key != "metadata"}  # noqa: PLW2901
        found.append(_entry(item, now_ms, raw))
    return found


def attributes(tree: Any, raw: bytes | None, *, nulls: bool = True) -> dict[str, Value]:
    """The values of an attributes payload; raises PayloadError, for a null value too unless `nulls`."""
    return _typed(_object(tree, "attributes"), raw, nulls=nulls)


def long(value: Any, name: str) -> int:
    """A JSON value as a long, as Gson's getAsLong takes it; raises PayloadError that names the field."""
    if isinstance(value, str) and len(value) <= 20 and _DIGITS.match(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not LONG_MIN <= value <= LONG_MAX:
        raise PayloadError(f"{name} must be a 64-bit number")
    return int(value)


def _object(tree: Any, what: str) -> dict[str, Any]:
    if not isinstance(tree, dict):
        raise PayloadError(f"{what} must be an object")
    return tree


def _entry(item: dict[str, Any], now_ms: int, raw: bytes | None, *, nulls: bool = True) -> Entry:
    if "ts" not in item or "values" not in item:
        return now_ms, _typed(item, raw, nulls=nulls)
    ts, values = item["ts"], _object(item["values"], "values")
    return ts if type(ts) is int else long(ts, "ts"), _typed(values, raw, nulls=nulls)


def _check_metadata(metadata: Any) -> None:
    fields = _object(metadata, "metadata")
    if fields.get("connector") is None:
        raise PayloadError("metadata has no connector")
    long(fields.get("receivedTs"), "metadata.receivedTs")
    long(fields.get("publishedTs"), "metadata.publishedTs")


def _typed(values: dict[str, Any], raw: bytes | None, *, nulls: bool = True) -> dict[str, Value]:
    """The same dict with each value in its type: it was parsed for this only, and most values are right already."""
    absent = []
    for key, value in values.items():
        kind = type(value)
        if kind is int:
            if value > LONG_MAX:
                values[key] = str(value)
        elif kind is str:
            if value and value[0] in _NUMERIC_START and looks_numeric(value):
                values[key] = _cast(value)
        elif kind is float:
            if raw is not None and (len(text := repr(value)) > 18 or text[-2:] == ".0" or "e" in text):
                _check_spelling(value, raw)
        elif value is None:
            if not nulls:
                raise PayloadError("Can't parse value: null")
            absent.append(key)
    for key in absent:
        del values[key]
    return values


def _check_spelling(value: float, raw: bytes) -> None:
    """A whole number is in doubt only when it may have been written as 1e3; any other long spelling is."""
    if not value.is_integer() or abs(value) >= 1e15 or _has_exponent(raw):
        raise _InexactError


@lru_cache(maxsize=1)
def _has_exponent(raw: bytes) -> bool:
    # Kept for the payload at hand: each of its whole numbers asks.
    return _EXPONENT.search(raw) is not None


def _cast(text: str) -> int | float | str:
    if text.isdecimal() and len(text) <= 18:
        return int(text)
    try:
        return number(text)
    except ValueError:
        return text


def value_of(value: Value, *, strict: bool) -> Value:
    """A telemetry value as the REST API gives it: as text, unless strict data types are asked for."""
    if strict or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return double_text(value)
    return str(value) if isinstance(value, int) else orjson.dumps(value).decode()
