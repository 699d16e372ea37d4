"""The time that schedules go by; a lab may start it at another moment and run it faster. Sockets never use it."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

__all__ = ["Clock", "iso", "parse_iso", "read_clock"]


@dataclass(frozen=True, slots=True)
class Clock:
    """Scheduled time: `epoch_s + (monotonic - origin_s) * rate`, in seconds since 1970."""

    epoch_s: float
    origin_s: float
    rate: float = 1.0
    monotonic: Callable[[], float] = field(default=time.monotonic, repr=False, compare=False)
    wall: Callable[[], float] = field(default=time.time, repr=False, compare=False)
    """Seconds since 1970 for people and for documents, which no lab makes faster."""

    def now(self) -> float:
        """Scheduled seconds since 1970."""
        return self.epoch_s + (self.monotonic() - self.origin_s) * self.rate

    def scheduled(self, wall_s: float) -> float:
        """Give the scheduled instant that is now as far away as an instant of wall time."""
        return self.now() - (self.wall() - wall_s)

    def until_s(self, instant: float) -> float:
        """Real seconds from now to a scheduled instant; zero when it has passed."""
        return max(0.0, (instant - self.now()) / self.rate)


def read_clock(text: str | None) -> Clock:
    """Make the clock that `epoch_s,monotonic_origin_s,rate` describes, or the real one; ValueError if malformed."""
    if not text:
        return Clock(time.time(), time.monotonic())
    try:
        epoch_s, origin_s, rate = (float(part) for part in text.split(","))
    except ValueError:
        raise ValueError(f"UPLAB_CLOCK must be three numbers, epoch_s,monotonic_origin_s,rate, not {text!r}") from None
    if not (math.isfinite(epoch_s) and math.isfinite(origin_s) and math.isfinite(rate) and rate > 0):
        raise ValueError(f"UPLAB_CLOCK must hold finite numbers and a rate above 0, not {text!r}")
    return Clock(epoch_s, origin_s, rate)


def iso(epoch_s: float) -> str:
    """Write an instant as ThingPark does: ISO 8601, milliseconds, offset (2026-01-01T00:00:00.123+00:00)."""
    return datetime.fromtimestamp(epoch_s, UTC).isoformat(timespec="milliseconds")


def parse_iso(text: object) -> float | None:
    """Seconds since 1970 of an ISO 8601 instant, UTC when it names no offset; None when it is none."""
    if not isinstance(text, str) or "T" not in text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()
