"""How long an uplink takes on each leg of its way, as counts by size: those of many scenarios add up, in little memory.

Sizes grow by a fourteenth from one to the next, so that what is told of them is right to within 4 %.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from uplab.scenarios.history.history import Event

__all__ = ["LEGS", "Latency", "latency"]

LEGS = {
    "taken in": "from the post to the forwarder's answer",
    "carried": "from the post to the first arrival at a destination",
    "taken over": "from the arrival to the destination's answer",
}
"""Each leg by its name, in the order of the way; the last one is the fake's own time, its faults included."""

_STEP = math.log(1 + 1 / 14)
_LEAST_MS = 0.01
_WITNESS = "witness"


@dataclass(slots=True)
class Latency:
    """Counts by leg and size."""

    legs: dict[str, dict[int, int]] = field(default_factory=dict)

    def note(self, leg: str, took_s: float) -> None:
        """One passage."""
        size = max(0, math.ceil(math.log(max(took_s * 1000, _LEAST_MS) / _LEAST_MS) / _STEP))
        counts = self.legs.setdefault(leg, {})
        counts[size] = counts.get(size, 0) + 1

    def add(self, other: "Latency") -> None:
        """What was seen besides."""
        for leg, counts in other.legs.items():
            mine = self.legs.setdefault(leg, {})
            for size, number in counts.items():
                mine[size] = mine.get(size, 0) + number

    def rows(self) -> list[dict[str, Any]]:
        """For a record: of each leg how many passages, the middle one, the 95th of a hundred, the longest."""
        return [self.row(leg) for leg in LEGS if self.legs.get(leg)]

    def row(self, leg: str) -> dict[str, Any]:
        """The same of one leg; without passages its times are null."""
        counts = self.legs.get(leg, {})
        shares = {"p50_ms": 0.5, "p95_ms": 0.95, "most_ms": 1.0}
        return {"leg": leg, "count": sum(counts.values()), **{name: _at(counts, one) for name, one in shares.items()}}

    def as_data(self) -> dict[str, Any]:
        """Plain data, with texts for keys."""
        return {leg: {str(size): number for size, number in counts.items()} for leg, counts in self.legs.items()}

    @classmethod
    def from_data(cls, data: Mapping[str, Mapping[str, int]]) -> "Latency":
        """What `as_data` gave."""
        return cls({leg: {int(size): number for size, number in counts.items()} for leg, counts in data.items()})


def _at(counts: Mapping[int, int], share: float) -> float | None:
    """The size, in milliseconds, below which this share of the passages lies."""
    wanted = math.ceil(sum(counts.values()) * share)
    for size in sorted(counts):
        wanted -= counts[size]
        if wanted <= 0:
            ms = _LEAST_MS * math.exp(size * _STEP)
            return round(ms, 3 if ms < 10 else 1)
    return None


def latency(events: Iterable[Event]) -> Latency:
    """What one history shows. The lab's own witness is no destination."""
    found = Latency()
    posted: dict[Any, float] = {}
    arrived: dict[Any, float] = {}
    sent: dict[str, float] = {}
    for event in events:
        facts, at_s = event.facts, event.monotonic_s
        match event.hop:
            case "tunnel.sent":
                posted[facts.get("attempt")] = at_s
                for id_ in event.ids:
                    sent.setdefault(id_, at_s)
            case "tunnel.answered":
                if (begun_s := posted.pop(facts.get("attempt"), None)) is not None:
                    found.note("taken in", at_s - begun_s)
            case "destination.arrived" | "destination.published" if facts.get("fake") != _WITNESS and event.ids:
                arrived[facts.get("exchange")] = at_s
                for id_ in event.ids:
                    if (begun_s := sent.pop(id_, None)) is not None:
                        found.note("carried", at_s - begun_s)
            case "destination.answered" | "destination.acknowledged":
                if (begun_s := arrived.pop(facts.get("exchange"), None)) is not None:
                    found.note("taken over", at_s - begun_s)
    return found
