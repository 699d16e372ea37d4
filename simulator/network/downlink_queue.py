"""The downlink queue of one device, as the network server keeps it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["MAX_APPLICATION_BYTES", "MAX_QUEUED", "Downlink", "DownlinkQueue", "Queued", "Rejected", "Taken"]

MAX_QUEUED = 128
MAX_APPLICATION_BYTES = 242  # what the fastest data rate carries (regional parameters, no repeater)


@dataclass(frozen=True, slots=True)
class Downlink:
    """What an application wants a device to receive; `valid_until_s` is in epoch seconds, None for ever."""

    f_port: int
    payload: bytes
    confirmed: bool = False
    valid_until_s: float | None = None
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Queued:
    """The network server took the downlink; `waiting` counts it too."""

    waiting: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """The network server did not take the downlink, and why."""

    cause: str


class Taken(NamedTuple):
    """What one receive opportunity does to the queue: what it drops, with the cause, and what it sends, and where."""

    dropped: list[tuple[Downlink, str]]
    downlink: Downlink | None
    window: str
    more: bool


class DownlinkQueue:
    """First in, first out. It is filled by the network rim's thread and emptied by the air's, hence the lock.

    `waiting` may be looked at without it: an uplink that just misses a downlink is only a little earlier than it.
    """

    __slots__ = ("_lock", "waiting")

    def __init__(self) -> None:
        self.waiting: deque[Downlink] = deque()
        self._lock = threading.Lock()

    def put(self, downlink: Downlink, *, flush: bool = False) -> Queued | Rejected:
        """Add at the end, after emptying the queue when `flush`; it holds at most MAX_QUEUED."""
        with self._lock:
            if flush:
                self.waiting.clear()
            if len(self.waiting) >= MAX_QUEUED:
                return Rejected(f"downlink queue is full: {MAX_QUEUED} are waiting")
            self.waiting.append(downlink)
            return Queued(len(self.waiting))

    def flush(self) -> Queued:
        """Empty the queue."""
        with self._lock:
            self.waiting.clear()
            return Queued(0)

    def take(self, *, room: Mapping[str, int], now: float) -> Taken:
        """Take what can be sent now; `room` maps each window, best first, to the application bytes it carries.

        Expired ones and those too long for every window are dropped: waiting longer would not help them.
        """
        dropped: list[tuple[Downlink, str]] = []
        with self._lock:
            while self.waiting:
                downlink = self.waiting.popleft()
                if downlink.valid_until_s is not None and now > downlink.valid_until_s:
                    dropped.append((downlink, "validity time expired"))
                    continue
                size = len(downlink.payload)
                for window, most in room.items():
                    if size <= most:
                        return Taken(dropped, downlink, window, bool(self.waiting))
                cause = f"payload too long for the data rate: {size} bytes, at most {max(room.values(), default=0)}"
                dropped.append((downlink, cause))
        return Taken(dropped, None, "", more=False)
