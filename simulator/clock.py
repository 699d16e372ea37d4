"""Time as a parameter: real, scaled and manual clocks, and how an instant is written in a document."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Protocol

__all__ = ["Clock", "ManualClock", "RealClock", "ScaledClock", "parse_iso", "utc_iso"]

# Written once: every document needs its time, and formatting numbers is the slow part of it.
_MILLISECONDS = tuple(f"{ms:03d}+00:00" for ms in range(1000))
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


class Clock(Protocol):
    """Says what time it is."""

    def monotonic_s(self) -> float:
        """Return seconds since an arbitrary origin; they never go back."""
        ...

    def epoch_s(self) -> float:
        """Return seconds since 1970-01-01T00:00:00Z."""
        ...


class RealClock:
    """The clocks of the machine."""

    def monotonic_s(self) -> float:
        """Return CLOCK_MONOTONIC in seconds."""
        return time.monotonic()

    def epoch_s(self) -> float:
        """Return the wall time in seconds."""
        return time.time()


class ScaledClock:
    """Time that runs `rate` times as fast as real time, from `epoch_s` at `monotonic_origin_s` on.

    Two processes on one machine that share the three numbers agree, because CLOCK_MONOTONIC is the machine's.
    """

    __slots__ = ("epoch_origin_s", "monotonic_origin_s", "rate")

    def __init__(
        self, rate: float = 1.0, *, epoch_s: float | None = None, monotonic_origin_s: float | None = None
    ) -> None:
        if rate <= 0:
            raise ValueError(f"rate: time must go forward, got {rate}")
        self.rate = rate
        self.monotonic_origin_s = time.monotonic() if monotonic_origin_s is None else monotonic_origin_s
        self.epoch_origin_s = time.time() if epoch_s is None else epoch_s

    def monotonic_s(self) -> float:
        """Return the scaled seconds since the origin."""
        return (time.monotonic() - self.monotonic_origin_s) * self.rate

    def epoch_s(self) -> float:
        """Return the scaled wall time in seconds."""
        return self.epoch_origin_s + self.monotonic_s()


class ManualClock:
    """A clock that stands still until it is told to go on."""

    __slots__ = ("_elapsed_s", "_epoch_origin_s")

    def __init__(self, epoch_s: float = 1_767_225_600.0) -> None:  # 2026-01-01T00:00:00Z
        self._epoch_origin_s = epoch_s
        self._elapsed_s = 0.0

    def advance(self, seconds: float) -> None:
        """Move on by so many seconds; ValueError when they are negative."""
        if seconds < 0:
            raise ValueError(f"seconds: time can't go backwards, got {seconds}")
        self._elapsed_s += seconds

    def monotonic_s(self) -> float:
        """Return the seconds advanced so far."""
        return self._elapsed_s

    def epoch_s(self) -> float:
        """Return the wall time in seconds."""
        return self._epoch_origin_s + self._elapsed_s


def utc_iso(epoch_s: float) -> str:
    """Return the instant as documents write it: "2026-01-01T00:00:00.123+00:00", to the nearest millisecond."""
    second, ms = divmod(round(epoch_s * 1000), 1000)
    return _second_iso(second) + _MILLISECONDS[ms]


@lru_cache(maxsize=1024)  # the uplinks of a run crowd into few seconds, and dates are slow to write
def _second_iso(second: int) -> str:
    day, second_of_day = divmod(second, 86_400)
    minute_of_day, second = divmod(second_of_day, 60)
    hour, minute = divmod(minute_of_day, 60)
    return f"{date.fromordinal(_EPOCH_ORDINAL + day)}T{hour:02d}:{minute:02d}:{second:02d}."


def parse_iso(text: str) -> float:
    """Return the epoch seconds of an ISO 8601 date and time; without an offset it is read as UTC, else ValueError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"expected an ISO 8601 date and time, got {text!r}") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp()
