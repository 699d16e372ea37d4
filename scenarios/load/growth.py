"""What grows while a load goes on: the forwarder's memory, its open files, its latency. A leak is a slope, not a peak.

Each series is taken since the forwarder's last start and without its first part, in which a program fills its caches.
The slope is the median of all slopes between two samples (Theil and Sen), so that a few samples move nothing; it must
hold in both halves of the time, since what fills up and then stays is no leak.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import Any, Final

__all__ = ["Growth", "Sample", "growth", "slope"]

_LEAST: Final = 12  # samples, below which nothing is said
_MOST: Final = 120  # samples of which slopes are taken
_WARM: Final = 0.25  # of the time since the start
_STEADY: Final = 0.35  # of the whole slope that each half must have


@dataclass(frozen=True, slots=True)
class Sample:
    """What was seen at a moment; `count` is how many uplinks the forwarder had delivered by then."""

    at_s: float
    count: int
    value: float


@dataclass(frozen=True, slots=True)
class Growth:
    """One measure. `per_uplink` and `per_hour` are slopes; `grown` is what they came to in the time that was looked at.

    `verdict` is steady, grows, or unknown where there was too little to see.
    """

    measure: str
    verdict: str
    words: str
    per_uplink: float = 0.0
    per_hour: float = 0.0
    grown: float = 0.0

    def as_data(self) -> dict[str, Any]:
        """Plain data, for reports."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class _Measure:
    """What counts as growth: so much in all, and so much of what there was."""

    unit: str
    least: float
    share: float
    scale: float = 1.0


_MEASURES: Final = {
    "memory": _Measure("MB", 4e6, 0.05, 1e6),
    "open files": _Measure("files", 8, 0.25),
    "latency p50": _Measure("ms", 0.05, 1.0, 1e-3),
}


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The median of the slopes between all pairs; 0 where there are none."""
    slopes = [(y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(points, 2) if x2 > x1]
    return median(slopes) if slopes else 0.0


def growth(measure: str, samples: Sequence[Sample], restarted_s: Sequence[float] = ()) -> Growth:
    """How a measure went; `restarted_s` are the moments at which the forwarder began anew."""
    since = max((one for one in restarted_s if samples and one < samples[-1].at_s), default=0.0)
    mine = [one for one in samples if one.at_s >= since]
    if mine:
        begins_s = mine[0].at_s + _WARM * (mine[-1].at_s - mine[0].at_s)
        mine = [one for one in mine if one.at_s >= begins_s]
    if len(mine) < _LEAST:
        return Growth(measure, "unknown", f"{measure}: {len(mine)} samples after its start are too few to see a slope")
    mine = mine[:: max(1, -(-len(mine) // _MOST))]
    about = _MEASURES[measure]
    by_time = slope([(one.at_s, one.value) for one in mine])
    half = len(mine) // 2
    halves = [slope([(one.at_s, one.value) for one in part]) for part in (mine[:half], mine[half:])]
    seconds = mine[-1].at_s - mine[0].at_s
    grown = by_time * seconds
    by_count = slope([(one.count, one.value) for one in mine])
    level = median(one.value for one in mine)
    steady = all(one >= _STEADY * by_time for one in halves)
    grows = steady and grown > max(about.least, about.share * level)
    first, last = mine[0].value / about.scale, mine[-1].value / about.scale
    words = f"{measure}: {first:,.1f} to {last:,.1f} {about.unit} in {_told(seconds)}"
    if grows:
        each = (
            f"{by_count:,.0f} bytes an uplink"
            if measure == "memory"
            else f"{by_count * 1e6 / about.scale:,.1f} {about.unit} a million uplinks"
        )
        words += f", and it goes on: {each}, {by_time * 3600 / about.scale:,.0f} {about.unit} an hour"
    return Growth(measure, "grows" if grows else "steady", words, by_count, by_time * 3600, grown)


def _told(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} s"
