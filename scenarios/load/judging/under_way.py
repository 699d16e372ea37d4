"""What the judge knows of one device: what is under way, and what was taken lately."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from typing import Final, NamedTuple

from uplab.scenarios.load.judging.content import TELEMETRY, UPLINKS

__all__ = ["KEPT", "Arrival", "Device", "Key", "Uplink", "key_of"]

KEPT: Final = 1024
"""So many that were taken are known on of each device; of what is older a copy is told as unknown."""

_BY_TIME: Final = frozenset({UPLINKS, TELEMETRY})
_APART: Final = 256
_OTHERS: Final = 32

Key = int | tuple[str, int | None, int | None]


class Arrival(NamedTuple):
    """One exchange at a destination, told when it is over. `faulty` where the fake was told to spoil it."""

    place: int
    dev_eui: str
    kind: str
    f_cnt: int | None
    time_ms: int | None
    digest: str | None
    arrived_us: int
    answered_us: int
    taken: bool
    faulty: bool = False
    exchange: int = 0


def key_of(kind: str, f_cnt: int | None, time_ms: int | None) -> Key:
    """By what a document of a device is known: an uplink by its Time, which no device gives twice."""
    return time_ms if kind in _BY_TIME and time_ms is not None else (kind, f_cnt, time_ms)


class Uplink:
    """A document that was posted; `taken` holds a bit for each place that has taken it."""

    __slots__ = ("answered_us", "digest", "f_cnt", "kind", "ordinal", "outcome", "taken", "time_ms")

    def __init__(
        self,
        ordinal: int,
        kind: str,
        f_cnt: int | None,
        time_ms: int | None,
        digest: str,
        answered_us: int,
        outcome: str,
    ) -> None:
        self.ordinal = ordinal
        self.kind = kind
        self.f_cnt = f_cnt
        self.time_ms = time_ms
        self.digest = digest
        self.answered_us = answered_us
        self.outcome = outcome
        self.taken = 0


class Device:
    """One device; `bound` has a bit for each place to which it is bound."""

    __slots__ = ("apart", "bad", "bound", "dev_eui", "done", "early", "forgotten", "newest", "others", "posted",
                 "waiting", "worst_us")  # fmt: skip

    def __init__(self, dev_eui: str, bound: int) -> None:
        self.dev_eui = dev_eui
        self.bound = bound
        self.posted = 0
        self.waiting: dict[Key, Uplink] = {}
        self.apart: dict[Key, Uplink] | None = None  # refused or unclear: they may come, or not
        self.done = array("q")
        self.others: deque[Key] | None = None
        self.forgotten = 0
        self.early: list[tuple[int, Arrival]] | None = None  # with the number of the arrival
        self.newest: dict[int, tuple[int, int, int]] = {}  # by place: ordinal, number of the arrival, its end
        self.bad = 0
        self.worst_us = 0

    def find(self, kind: str, f_cnt: int | None, time_ms: int | None) -> Uplink | None:
        """What is under way by that key."""
        key = key_of(kind, f_cnt, time_ms)
        found = self.waiting.get(key)
        if found is None and self.apart is not None:
            found = self.apart.get(key)
        if found is None and kind == TELEMETRY:  # a join, a location: what has no key of the Time alone
            found = next((one for one in self._under_way() if one.time_ms == time_ms), None)
        return found

    def resembling(self, arrival: Arrival) -> Uplink | None:
        """What is under way with the same counter at another time, or at the same time with another counter."""
        for one in self._under_way():
            if arrival.kind in (one.kind, TELEMETRY) and arrival.f_cnt is not None and one.f_cnt == arrival.f_cnt:
                return one
            if one.time_ms == arrival.time_ms and arrival.time_ms is not None:
                return one
        return None

    def _under_way(self) -> Iterator[Uplink]:
        yield from self.waiting.values()
        yield from (self.apart or {}).values()

    def set_apart(self, uplink: Uplink) -> None:
        """One that is not owed; the oldest of too many are forgotten."""
        if self.apart is None:
            self.apart = {}
        self.apart[key_of(uplink.kind, uplink.f_cnt, uplink.time_ms)] = uplink
        if len(self.apart) > _APART:
            del self.apart[next(iter(self.apart))]
            self.forgotten += 1

    def retire(self, uplink: Uplink) -> None:
        """It was taken wherever it is owed."""
        key = key_of(uplink.kind, uplink.f_cnt, uplink.time_ms)
        if self.waiting.pop(key, None) is None and self.apart is not None:
            self.apart.pop(key, None)
        if not isinstance(key, int):
            if self.others is None:
                self.others = deque(maxlen=_OTHERS)
            self.others.append(key)
            return
        done = self.done
        if not done or key > done[-1]:
            done.append(key)
        else:
            done.insert(bisect_left(done, key), key)
        if len(done) > KEPT + KEPT // 4:
            self.forgotten += len(done) - KEPT
            del done[: len(done) - KEPT]

    def is_done(self, key: Key, *, any_kind: bool = False) -> bool:
        """Whether it was taken, as far as is known; of `any_kind` where a Time is all that is known of it."""
        if not isinstance(key, int):
            return self.others is not None and key in self.others
        at = bisect_left(self.done, key)
        if at < len(self.done) and self.done[at] == key:
            return True
        return any_kind and any(isinstance(one, tuple) and one[2] == key for one in self.others or ())

    def may_be_forgotten(self, key: Key) -> bool:
        """Whether it is older than all that is known of what was taken."""
        return self.forgotten > 0 and (not isinstance(key, int) or not self.done or key < self.done[0])

    @property
    def held(self) -> int:
        """How many things are kept, for whoever wants to know that they are few."""
        return len(self.waiting) + len(self.done) + len(self.apart or ()) + len(self.early or ())
