"""Latencies in bounded memory: counts by logarithm, from which every quantile follows within one per cent."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

__all__ = ["Sketch"]

_GAMMA: Final = 1.02  # neighbouring counts lie two per cent apart, so that their middle is at most one per cent off
_PER_LOG: Final = 1.0 / math.log(_GAMMA)
_log = math.log


class Sketch:
    """Counts of microseconds. Its size goes by how far the values spread, never by how many there are: some hundred
    counts from a microsecond to a day. Two of them can be added.
    """

    __slots__ = ("count", "counts", "most_us")

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.count = 0
        self.most_us = 0

    def add(self, value_us: int) -> None:
        """One more; what is below a microsecond counts as one."""
        at = int(_log(value_us) * _PER_LOG) if value_us > 1 else 0
        self.counts[at] = self.counts.get(at, 0) + 1
        self.count += 1
        if value_us > self.most_us:
            self.most_us = value_us

    def merge(self, other: Sketch) -> None:
        """All of another one's, too."""
        for at, count in other.counts.items():
            self.counts[at] = self.counts.get(at, 0) + count
        self.count += other.count
        self.most_us = max(self.most_us, other.most_us)

    def quantile_s(self, share: float) -> float | None:
        """The value, in seconds, that so many of them do not exceed; None where there are none."""
        if not self.count:
            return None
        wanted = max(1, math.ceil(share * self.count))
        if wanted == self.count:
            return self.most_us / 1e6
        seen = 0
        for at in sorted(self.counts):
            seen += self.counts[at]
            if seen >= wanted:
                return min(_middle_us(at), self.most_us) / 1e6
        return self.most_us / 1e6

    def bars(self, most: int = 60) -> Iterator[tuple[float, float, int]]:
        """Least and most of each bar in seconds, and its count: neighbours joined until there are at most so many."""
        if not self.counts:
            return
        first, last = min(self.counts), max(self.counts)
        width = max(1, -(-(last - first + 1) // most))
        for begin in range(first, last + 1, width):
            count = sum(self.counts.get(at, 0) for at in range(begin, begin + width))
            yield _GAMMA**begin / 1e6, _GAMMA ** (begin + width) / 1e6, count


def _middle_us(at: int) -> float:
    return math.exp((at + 0.5) / _PER_LOG)
