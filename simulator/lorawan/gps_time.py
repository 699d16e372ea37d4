"""GPS time, in which networks tell devices the time: seconds since 1980-01-06 without leap seconds.

Where a leap second is put in is published by the IERS (Bulletin C); the last one was that of 2016.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime
from typing import Final

__all__ = ["gps_s_of", "unix_s_of"]

_EPOCH_S: Final = 315_964_800  # 1980-01-06T00:00:00Z
_LEAPS: Final = tuple(
    int(datetime(year, month, 1, tzinfo=UTC).timestamp())
    for year, month in (
        *((1981, 7), (1982, 7), (1983, 7), (1985, 7), (1988, 1), (1990, 1), (1991, 1), (1992, 7), (1993, 7)),
        *((1994, 7), (1996, 1), (1997, 7), (1999, 1), (2006, 1), (2009, 1), (2012, 7), (2015, 7), (2017, 1)),
    )
)
"""The first second, in UTC, after each leap second since the epoch."""


def gps_s_of(unix_s: float) -> float:
    """Return GPS seconds of seconds since 1970; ValueError before the GPS epoch."""
    if unix_s < _EPOCH_S:
        raise ValueError(f"{unix_s} is before the epoch of GPS")
    return unix_s - _EPOCH_S + bisect_right(_LEAPS, unix_s)


def unix_s_of(gps_s: float) -> float:
    """Return seconds since 1970 of GPS seconds; a leap second itself is the second after it."""
    leaps = bisect_right([leap - _EPOCH_S + count for count, leap in enumerate(_LEAPS, 1)], gps_s)
    return gps_s + _EPOCH_S - leaps
