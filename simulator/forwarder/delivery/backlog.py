"""The part of a connection's queue that is in memory: a bounded window, ordered by device, refilled from disk."""

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["WINDOW_BYTES", "Backlog", "Gap", "Uplink"]

WINDOW = 512
"""Messages that one connection holds in memory at most."""

WINDOW_BYTES = 4 * 1024 * 1024
"""And their bytes: the window closes with the message that goes beyond."""

STUBBORN = 3
"""A message that failed this often lets other devices go first, so that a poisoned one stops its own device only."""


@dataclass(frozen=True, slots=True)
class Uplink:
    """One accepted document on its way to one connection."""

    seq: int  # its place in the order of acceptance
    dev_eui: str
    f_cnt: int | None
    time_s: float | None  # its Time, seconds since 1970
    received_s: float
    body: bytes  # the document as it came
    validity_s: float | None = None  # the flow's own uplinkTimeValidity
    accepted_s: float = 0.0  # received_s as wall time, seconds since 1970: what a document without a time is told with
    traceparent: str = ""  # as the ingress was given it; not on disk, so that a restart ends the trace


@dataclass(frozen=True, slots=True)
class Gap:
    """Messages that are on disk only: those after one number, up to another."""

    after: int
    up_to: int
    limit: int  # so many at most
    limit_bytes: int = WINDOW_BYTES  # and no more after the one with which their bodies are this large
    dev_eui: str | None = None  # of this device alone, where its messages were put aside

    def all_in(self, uplinks: Sequence[Uplink]) -> bool:
        """Whether what was read is all there was, since no limit ended it."""
        return len(uplinks) < self.limit and sum(len(uplink.body) for uplink in uplinks) < self.limit_bytes


class Backlog:
    """Hands out the next message of each device that has none under way, the oldest first."""

    def __init__(self, highest: int = 0, *, window: int = WINDOW, window_bytes: int = WINDOW_BYTES) -> None:
        """Begin with all messages up to `highest` on disk only."""
        self._window, self._window_bytes = window, window_bytes
        self._highest = highest  # the newest message of this connection, in memory or not
        self._last = 0  # the newest that has been in memory
        self._devices: dict[str, deque[Uplink]] = {}
        self._ready: list[tuple[bool, int, str]] = []
        self._attempts: dict[int, int] = {}
        self._held = 0
        self._held_bytes = 0
        self._asked: Gap | None = None
        self._stubborn: set[str] = set()  # devices whose first message lets others go first
        self._aside: dict[str, tuple[int, int]] = {}  # by device what is on disk alone: after this, up to that number

    @property
    def empty(self) -> bool:
        """Whether nothing is left, in memory or on disk."""
        return self._held == 0 and self._last >= self._highest and not self._aside

    @property
    def held(self) -> int:
        """How many messages are in memory."""
        return self._held

    def accept(self, uplink: Uplink) -> None:
        """Take in a message that was just stored; when the window is full it stays on disk until there is room."""
        behind = self._last < self._highest
        self._highest = max(self._highest, uplink.seq)
        if not behind and not self._full:
            self._push(uplink)

    def gap(self) -> Gap | None:
        """Say what to read from disk now; nothing while the window is more than half full or a read is under way."""
        if self._asked or (self._last >= self._highest and not self._aside):
            return None
        if self._last < self._highest and self._crowded:
            self._put_aside()
        if self._crowded:
            return None
        room, room_bytes = self._window - self._held, self._window_bytes - self._held_bytes
        back = next((one for one in self._aside if one not in self._devices), None)
        if back is not None:
            self._asked = Gap(*self._aside[back], min(room, self._window // 4 or 1), room_bytes, back)
        elif self._last < self._highest:
            self._asked = Gap(self._last, self._highest, room, room_bytes)
        return self._asked

    def _put_aside(self) -> None:
        """Leave on disk what waits behind stubborn messages, the most first, until there is room for other devices."""
        for dev_eui in sorted(self._stubborn, key=lambda one: (-len(self._devices[one]), one)):
            if not self._crowded:
                return
            waiting = self._devices[dev_eui]
            if len(waiting) == 1:
                return
            newest = waiting[-1].seq
            while len(waiting) > 1:
                uplink = waiting.pop()
                self._held -= 1
                self._held_bytes -= len(uplink.body)
                self._attempts.pop(uplink.seq, None)
            self._aside[dev_eui] = waiting[0].seq, max(newest, self._aside.get(dev_eui, (0, 0))[1])

    def fetched(self, gap: Gap, uplinks: list[Uplink], *, complete: bool) -> None:
        """Take in what was read; `complete` when nothing of the gap is left on disk."""
        self._asked = None
        if gap.dev_eui is not None:
            self._take_back(gap.dev_eui, gap, uplinks, complete=complete)
            return
        for uplink in uplinks:
            self._push(uplink)
        if complete:
            self._last = max(self._last, gap.up_to)

    def _take_back(self, dev_eui: str, gap: Gap, uplinks: list[Uplink], *, complete: bool) -> None:
        """What was put aside of a device is in memory again, as far as it was read."""
        _, newest = self._aside.pop(dev_eui)
        for uplink in uplinks:
            self._hold(uplink)
        after = gap.up_to if complete else uplinks[-1].seq
        if after < newest:
            self._aside[dev_eui] = after, newest

    def lost(self) -> None:
        """Forget a read that failed, so that it is asked for again."""
        self._asked = None

    def take(self) -> Uplink | None:
        """Take the next message; its device gives no other until it is settled or given back."""
        if not self._ready:
            return None
        _, _, dev_eui = heapq.heappop(self._ready)
        return self._devices[dev_eui][0]

    def give_back(self, uplink: Uplink) -> None:
        """Put a message that was taken back to the head of its device."""
        if self.attempts(uplink) >= STUBBORN:
            self._stubborn.add(uplink.dev_eui)
        heapq.heappush(self._ready, (self.attempts(uplink) >= STUBBORN, uplink.seq, uplink.dev_eui))

    def settle(self, uplink: Uplink) -> None:
        """Forget a message that was taken and is gone from disk."""
        waiting = self._devices[uplink.dev_eui]
        waiting.popleft()
        self._held -= 1
        self._held_bytes -= len(uplink.body)
        self._attempts.pop(uplink.seq, None)
        self._stubborn.discard(uplink.dev_eui)
        if waiting:
            self.give_back(waiting[0])
        else:
            del self._devices[uplink.dev_eui]

    def attempts(self, uplink: Uplink) -> int:
        """How often it was tried."""
        return self._attempts.get(uplink.seq, 0)

    def tried(self, uplink: Uplink) -> int:
        """Count one more attempt and say which it is."""
        self._attempts[uplink.seq] = attempt = self.attempts(uplink) + 1
        return attempt

    @property
    def _full(self) -> bool:
        return self._held >= self._window or self._held_bytes >= self._window_bytes

    @property
    def _crowded(self) -> bool:
        """Whether there is too little room for another read."""
        return self._held > self._window // 2 or self._full

    def _push(self, uplink: Uplink) -> None:
        """Take in the next of all; of a device of which something was put aside it is, too."""
        self._last = uplink.seq
        if uplink.dev_eui in self._aside:
            self._aside[uplink.dev_eui] = self._aside[uplink.dev_eui][0], uplink.seq
        else:
            self._hold(uplink)

    def _hold(self, uplink: Uplink) -> None:
        waiting = self._devices.get(uplink.dev_eui)
        if waiting is None:
            self._devices[uplink.dev_eui] = deque((uplink,))
            self.give_back(uplink)
        else:
            waiting.append(uplink)
        self._held += 1
        self._held_bytes += len(uplink.body)
