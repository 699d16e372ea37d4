"""A gateway: where it stands, what it heard, and whether its ways to the network and to the devices are open."""

from __future__ import annotations

import math
import re
from collections import deque
from typing import NamedTuple

from uplab.simulator.radio.radio import Position, Signal

__all__ = ["Gateway", "Reception", "degrees"]

_LRR_ID = re.compile(r"[0-9A-F]{8}")
_METRES_PER_DEGREE = 111_320.0
_QUEUE_LENGTH = 10_000


class Reception(NamedTuple):
    """A frame as one gateway heard it; `time_s` is the gateway's own, `late` when it had to be kept for a while.

    A named tuple for the reason given at `Signal`.
    """

    lrr_id: str
    phy: bytes
    signal: Signal
    channel: int
    data_rate: int
    time_s: float
    late: bool = False
    chain: int = 0


class Gateway:
    """A base station (LRR), known by 8 hexadecimal digits; `power_dbm` is what it radiates.

    `faults` maps a receive window to the cause, as a delivery report names it, for which it cannot send there: "D0"
    is a spent duty cycle, "A3" a busy radio.
    """

    __slots__ = ("_kept", "connected", "faults", "latitude", "longitude", "lrr_id", "position_m", "power_dbm")

    def __init__(
        self, lrr_id: str, position_m: Position, *, latitude: float, longitude: float, power_dbm: float = 14.0
    ) -> None:
        if not _LRR_ID.fullmatch(lrr_id):
            raise ValueError(f"lrr_id: expected 8 upper-case hexadecimal digits, got {lrr_id!r}")
        self.lrr_id = lrr_id
        self.position_m = position_m
        self.latitude = latitude
        self.longitude = longitude
        self.power_dbm = power_dbm
        self.connected = True
        self.faults: dict[str, str] = {}
        # Bounded as a real gateway's memory is: what is oldest goes first.
        self._kept: deque[Reception] = deque(maxlen=_QUEUE_LENGTH)

    def __repr__(self) -> str:
        return f"Gateway({self.lrr_id})"

    def keep(self, reception: Reception) -> None:
        """Keep what cannot be forwarded while the way to the network is down."""
        self._kept.append(reception._replace(late=True))

    def release(self) -> list[Reception]:
        """Return what was kept, oldest first, and forget it."""
        kept = list(self._kept)
        self._kept.clear()
        return kept


def degrees(origin: tuple[float, float], position_m: Position) -> tuple[float, float]:
    """Return latitude and longitude of a point so many metres east and north of the origin, six decimals (0.1 m)."""
    latitude, longitude = origin
    north = position_m[1] / _METRES_PER_DEGREE
    east = position_m[0] / (_METRES_PER_DEGREE * math.cos(math.radians(latitude)))
    return round(latitude + north, 6), round(longitude + east, 6)
