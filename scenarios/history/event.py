"""One line of the history as a value, and as it is stored."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from uplab.scenarios.history.secrets import may_hold, redact, redact_body

__all__ = ["Event", "Told", "stored_lines"]

Told = tuple[int, float, str, str, Sequence[str], bytes, bytes | None, int]
"""A line as it was told, with its secrets: seq, monotonic_s, wall, hop, ids, facts as JSON, raw, doubt."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history. Times are seconds; `facts` is what the hop said, `raw` the payload's bytes as they came.

    `doubt` counts the documents that had been forgotten when an arrival matched none of those still known: it may be
    one of them.
    """

    seq: int
    monotonic_s: float
    wall: str
    hop: str
    ids: tuple[str, ...]
    facts: dict[str, Any]
    raw: bytes | None = None
    doubt: int = 0

    @property
    def id(self) -> str | None:
        """The one document that this line speaks of, where it speaks of exactly one."""
        return self.ids[0] if len(self.ids) == 1 else None

    def line(self) -> bytes:
        """The event as a line of JSON."""
        facts = orjson.dumps(self.facts)
        return _line(self.seq, self.monotonic_s, self.wall, self.hop, self.ids, facts, self.raw, self.doubt)

    @classmethod
    def of_line(cls, line: bytes) -> "Event":
        """The event that `line` has written; it is believed, as a stranger's is not (`reader.py`)."""
        stored = orjson.loads(line)
        raw = stored.get("raw")
        return cls(
            stored["seq"],
            stored["monotonic_s"],
            stored["wall"],
            stored["hop"],
            tuple(stored["ids"]) if "ids" in stored else (stored["id"],) if stored["id"] is not None else (),
            stored["facts"],
            raw.encode() if isinstance(raw, str) else base64.b64decode(raw["base64"]) if raw else None,
            stored.get("doubt", 0),
        )


def stored_lines(told: Sequence[Told]) -> list[bytes]:
    """Lines as they are stored, without secrets; many at once, since most hold none and can be asked together."""
    if may_hold(b"\0".join([part for one in told for part in (one[5], one[6] or b"")])):  # no secret goes over a NUL
        return [_line(*one[:5], *_clean(one[5], one[6]), one[7]) for one in told]
    return [_line(*one) for one in told]


def _clean(facts: bytes, raw: bytes | None) -> tuple[bytes, bytes | None]:
    """Facts and payload without secrets."""
    return redact(facts), None if raw is None else redact_body(raw)


def _line(
    seq: int,
    monotonic_s: float,
    wall: str,
    hop: str,
    ids: Sequence[str],
    facts: bytes,
    raw: bytes | None,
    doubt: int,
) -> bytes:
    """One line; `facts` are JSON already, since nothing is made of the same facts twice."""
    id_ = orjson.dumps(ids[0]) if len(ids) == 1 else b"null"
    if len(ids) > 1:
        id_ += b',"ids":' + orjson.dumps(ids)
    if doubt:
        id_ += b',"doubt":%d' % doubt
    begun = (seq, monotonic_s, wall.encode(), orjson.dumps(hop), id_, facts, b"" if raw is None else _stored_raw(raw))
    return b'{"seq":%d,"monotonic_s":%.6f,"wall":"%b","hop":%b,"id":%b,"facts":%b%b}\n' % begun


def _stored_raw(raw: bytes) -> bytes:
    try:
        return b',"raw":' + orjson.dumps(raw.decode())
    except UnicodeDecodeError:
        return b',"raw":{"base64":"%b"}' % base64.b64encode(raw)
