"""When a device sends next: its interval, the curve of the day, and its own chance in a few bytes."""

from __future__ import annotations

from typing import Final

from uplab.simulator.fleets.curve import Curve

__all__ = ["Rhythm"]

_HOUR_MS: Final = 3_600_000
# Knuth's linear congruential generator for 64 bits (MMIX): a state of eight bytes for each of very many devices.
_MULTIPLIER, _INCREMENT, _MASK = 6364136223846793005, 1442695040888963407, (1 << 64) - 1


class Rhythm:
    """One device's; times are milliseconds since 1970. The same seed gives the same times everywhere."""

    __slots__ = ("_curve", "_every_ms", "_jitter", "_state")

    def __init__(self, seed: int, every_s: float, jitter: float, curve: Curve) -> None:
        self._state = seed & _MASK
        self._every_ms = every_s * 1000.0
        self._jitter = jitter
        self._curve = curve

    def draw(self) -> float:
        """The next number by chance, from 0 to below 1."""
        self._state = (self._state * _MULTIPLIER + _INCREMENT) & _MASK
        return (self._state >> 11) / (1 << 53)

    def first(self, from_ms: int) -> int:
        """When it sends for the first time from then on: anywhere within its interval."""
        return self._after(from_ms, self.draw())

    def next(self, sent_ms: int) -> int:
        """When it sends next."""
        return self._after(sent_ms, 1.0 + self._jitter * (2.0 * self.draw() - 1.0))

    def _after(self, from_ms: int, intervals: float) -> int:
        """So many intervals later, each hour counting as much as the curve says."""
        left_ms = max(intervals * self._every_ms, 1.0)
        at_ms = from_ms
        while True:
            share = self._curve[at_ms // _HOUR_MS % 24]
            hour_ends_ms = (at_ms // _HOUR_MS + 1) * _HOUR_MS
            passes_ms = (hour_ends_ms - at_ms) * share
            if left_ms <= passes_ms:
                return at_ms + max(1, round(left_ms / share))
            left_ms -= passes_ms
            at_ms = hour_ends_ms
