"""One line of the history as a value, and as it is stored."""

import base64
from dataclasses import dataclass
from typing import Any

import orjson

__all__ = ["Event"]


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
        stored: dict[str, Any] = {
            "seq": self.seq,
            "monotonic_s": self.monotonic_s,
            "wall": self.wall,
            "hop": self.hop,
            "id": self.id,
            "facts": self.facts,
        }
        if len(self.ids) > 1:
            stored["ids"] = self.ids
        if self.doubt:
            stored["doubt"] = self.doubt
        if self.raw is not None:
            try:
                stored["raw"] = self.raw.decode()
            except UnicodeDecodeError:
                stored["raw"] = {"base64": base64.b64encode(self.raw).decode()}
        return orjson.dumps(stored, option=orjson.OPT_APPEND_NEWLINE)

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
