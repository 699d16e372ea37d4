"""The messages of one device in the order of their own time, bounded, and the last value of each field."""

from bisect import bisect_left, insort
from dataclasses import dataclass
from datetime import datetime

__all__ = ["History", "LastValue", "Message", "Scalar"]

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Message:
    """One uplink as it is kept; `sequence` numbers the arrivals, both times are in UTC."""

    time: datetime
    sequence: int
    received: datetime
    f_cnt_up: int | None
    f_port: int | None
    payload_hex: str
    names: tuple[str, ...]  # shared by all messages of a type, which keeps a message small
    readings: tuple[Scalar | None, ...]
    error: str | None = None

    @property
    def values(self) -> dict[str, Scalar]:
        """The values of the fields that this message holds."""
        return {name: value for name, value in zip(self.names, self.readings, strict=True) if value is not None}


@dataclass(frozen=True, slots=True)
class LastValue:
    """The newest value of a field, by the time of its message."""

    value: Scalar
    time: datetime


def _order(message: Message) -> tuple[datetime, int]:
    return message.time, message.sequence


class History:
    """At most `limit` messages, sorted by time; repeats are kept, because whoever verifies has to see them.

    The oldest message makes room for a new one, and `dropped` counts what was lost so.
    """

    __slots__ = ("_messages", "dropped", "last", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.dropped = 0
        self.last: dict[str, LastValue] = {}
        self._messages: list[Message] = []

    def __len__(self) -> int:
        return len(self._messages)

    def add(self, message: Message) -> None:
        """Put a message in its place; one that is older than another does not replace its values."""
        if not self._messages or _order(message) > _order(self._messages[-1]):
            self._messages.append(message)
        else:
            insort(self._messages, message, key=_order)
        if len(self._messages) > self.limit:
            del self._messages[0]
            self.dropped += 1
        for name, value in message.values.items():
            known = self.last.get(name)
            if known is None or message.time >= known.time:
                self.last[name] = LastValue(value, message.time)

    def between(self, start: datetime | None = None, end: datetime | None = None) -> list[Message]:
        """Return the messages from `start` to `end`, both inclusive, oldest first."""
        first = 0 if start is None else bisect_left(self._messages, (start, 0), key=_order)
        past = len(self._messages) if end is None else bisect_left(self._messages, (end, _NEVER), key=_order)
        return self._messages[first:past]

    def newest(self, part: slice) -> list[Message]:
        """Return some messages, counted from the newest, newest first; only those are copied."""
        start, stop, _ = part.indices(len(self._messages))
        return self._messages[len(self._messages) - stop : len(self._messages) - start][::-1]


_NEVER = 1 << 62  # above every sequence number
