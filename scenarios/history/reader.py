"""The one reader of stored histories. It may be a stranger's file: each line is held against the vocabulary.

Whatever is wrong is a HistoryError of one line, which names the file and the number of the line.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import IO, Any, Literal, Protocol

import orjson

from uplab.scenarios.history.bounds import TooMuchError, parse
from uplab.scenarios.history.event import Event
from uplab.scenarios.history.hops import FORMAT, problem_of

__all__ = ["HistoryError", "Lines", "format_of", "read_history"]


class Lines(Protocol):
    """A file of lines, in a folder or in a bundle."""

    @property
    def name(self) -> str:
        """How it is called."""

    def open(self, mode: Literal["rb"]) -> IO[bytes]:
        """Its bytes."""


class HistoryError(ValueError):
    """A stored history cannot be read; the text says in one line where and why."""


def format_of(record: Mapping[str, Any], newest: int = FORMAT) -> int:
    """The format of what is stored from its record, as run.json; HistoryError where this version cannot read it.

    Runs were stored without a number before there was one: that is format 1.
    """
    number = record.get("format", 1)
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise HistoryError(f"format must be a whole number from 1 on, not {number!r:.40}")
    if number > newest:
        raise HistoryError(
            f"it is of format {number}, and this uplab reads formats up to {newest}: read it with a newer uplab"
        )
    return number


def read_history(path: Lines, format_: int = FORMAT) -> Iterator[Event]:
    """The events of a stored history of a format, in a folder or in a bundle, one at a time.

    HistoryError names the line that is broken; OSError where the file cannot be read.
    """
    with path.open("rb") as lines:
        before: int | None = None
        for number, line in enumerate(lines, 1):
            try:
                event = _event(line, format_)
                # A line that stands twice, or elsewhere, would be told as what the forwarder did.
                if before is not None and event.seq <= before:
                    raise _BrokenError(f"seq must rise, and {event.seq} comes after {before}")
            except _BrokenError as error:
                raise HistoryError(f"{path.name}, line {number}: {error}") from None
            before = event.seq
            yield event


class _BrokenError(Exception):
    """What is wrong with a line, without its place."""


_MOST_COUNTED = 10**15  # as seconds still a time when they are multiplied by a thousand million
_LINE: tuple[tuple[str, type | tuple[type, ...], str], ...] = (
    ("seq", int, "a whole number"),
    ("monotonic_s", (int, float), "a number"),
    ("wall", str, "text"),
    ("hop", str, "text"),
    ("facts", dict, "an object"),
)


def _event(line: bytes, format_: int) -> Event:
    try:
        stored = parse(line)
    except TooMuchError as error:
        raise _BrokenError(str(error)) from None
    except orjson.JSONDecodeError as error:
        cut = "" if line.endswith(b"\n") else "; it is cut off"
        raise _BrokenError(f"no JSON ({error}){cut}") from None
    if not isinstance(stored, dict):
        raise _BrokenError("a line is an object")
    for name, kinds, words in _LINE:
        if name not in stored:
            raise _BrokenError(f"{name} is missing")
        if not isinstance(stored[name], kinds) or isinstance(stored[name], bool):
            raise _BrokenError(f"{name} must be {words}")
    for name in ("seq", "monotonic_s"):
        if not -_MOST_COUNTED <= stored[name] <= _MOST_COUNTED:
            raise _BrokenError(f"{name} must be at most {_MOST_COUNTED:,}")
    raw = _raw(stored)
    if wrong := problem_of(stored["hop"], stored["facts"], raw=raw is not None, format_=format_):
        raise _BrokenError(wrong)
    return Event(
        stored["seq"],
        stored["monotonic_s"],
        stored["wall"],
        stored["hop"],
        _ids(stored),
        stored["facts"],
        raw,
        _doubt(stored),
    )


def _ids(stored: Mapping[str, Any]) -> tuple[str, ...]:
    if "id" not in stored:
        raise _BrokenError("id is missing")
    one, several = stored["id"], stored.get("ids", [])
    if not isinstance(one, str | None) or not isinstance(several, list):
        raise _BrokenError("id must be text or null, ids a list of texts")
    ids = tuple(several) if several else (one,) if one else ()
    if not all(isinstance(id_, str) for id_ in ids):
        raise _BrokenError("ids must be a list of texts")
    return ids


def _doubt(stored: Mapping[str, Any]) -> int:
    doubt = stored.get("doubt", 0)
    if not isinstance(doubt, int) or isinstance(doubt, bool):
        raise _BrokenError("doubt must be a whole number")
    return doubt


def _raw(stored: Mapping[str, Any]) -> bytes | None:
    raw = stored.get("raw")
    if raw is None:
        return None
    if isinstance(raw, str):
        data = raw.encode("utf-8", "surrogatepass")
    elif isinstance(raw, dict) and isinstance(raw.get("base64"), str):
        try:
            data = base64.b64decode(raw["base64"], validate=True)
        except (binascii.Error, ValueError):
            raise _BrokenError("raw.base64 is no Base64") from None
    else:
        raise _BrokenError("raw must be text or {base64: text}")
    if stored["hop"] == "destination.published" and "level" not in stored["facts"]:
        facts = stored["facts"]
        return _payload(data, str(facts.get("topic")).encode(), acknowledged=facts.get("qos") not in (0, None))
    return data


def _payload(packet: bytes, topic: bytes, *, acknowledged: bool) -> bytes:
    """The payload of a PUBLISH that was stored whole, as histories without `level` did (MQTT 3.1.1 section 3.3)."""
    at = 1
    while at < len(packet) and packet[at] & 0x80:  # the remaining length: its last byte has no high bit
        at += 1
    begin = at + 3  # after it and the topic's length
    end = begin + len(topic)
    if not packet or packet[0] >> 4 != 3 or packet[begin:end] != topic:
        return packet
    return packet[end + (2 if acknowledged else 0) :]
