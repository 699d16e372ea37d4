"""What happened when: counts and latencies by moment, in so many moments as a picture can show and no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from uplab.scenarios.load.judging.sketch import Sketch

__all__ = ["MOST", "Moment", "Series"]

MOST: Final = 480
"""So many moments at most; when one more is needed, each two become one of twice the width."""


class Moment:
    """One of them. `waiting` and what the forwarder holds are as last seen within it, or None."""

    __slots__ = (
        "accepted",
        "cpu_s",
        "delivered",
        "files",
        "memory_bytes",
        "not_accepted",
        "sketches",
        "waiting",
    )

    def __init__(self, groups: int) -> None:
        self.accepted = 0
        self.not_accepted = 0
        self.delivered = [0] * groups
        self.sketches = [Sketch() for _ in range(groups)]
        self.waiting: int | None = None
        self.memory_bytes: int | None = None
        self.files: int | None = None
        self.cpu_s: float | None = None

    def merge(self, later: Moment) -> None:
        """The next one, too."""
        self.accepted += later.accepted
        self.not_accepted += later.not_accepted
        self.delivered = [a + b for a, b in zip(self.delivered, later.delivered, strict=True)]
        for sketch, other in zip(self.sketches, later.sketches, strict=True):
            sketch.merge(other)
        for name in ("waiting", "memory_bytes", "files", "cpu_s"):
            if (value := getattr(later, name)) is not None:
                setattr(self, name, value)


class Series:
    """Moments of equal width from `begins_us` on, by groups of destinations."""

    def __init__(self, begins_us: int, groups: Sequence[str], *, width_us: int = 1_000_000) -> None:
        self.groups = tuple(groups)
        self.begins_us = begins_us
        self.width_us = width_us
        self.moments: list[Moment] = []

    def at(self, at_us: int) -> Moment:
        """The moment of an instant; what lies before the first belongs to the first."""
        index = (at_us - self.begins_us) // self.width_us
        while index >= MOST:
            self._fold()
            index = (at_us - self.begins_us) // self.width_us
        while index >= len(self.moments):
            self.moments.append(Moment(len(self.groups)))
        return self.moments[max(0, index)]

    def _fold(self) -> None:
        for even, odd in zip(self.moments[::2], self.moments[1::2], strict=False):
            even.merge(odd)
        del self.moments[1::2]
        self.width_us *= 2

    def as_data(self) -> dict[str, Any]:
        """Columns for reports: seconds from the begin, rates by second, latencies in seconds by group."""
        width_s = self.width_us / 1e6
        columns: dict[str, Any] = {
            "groups": list(self.groups),
            "width_s": width_s,
            "at_s": [round(number * width_s, 3) for number in range(len(self.moments))],
            "accepted_per_s": [round(one.accepted / width_s, 3) for one in self.moments],
            "not_accepted_per_s": [round(one.not_accepted / width_s, 3) for one in self.moments],
        }
        for name in ("waiting", "memory_bytes", "files", "cpu_s"):
            columns[name] = [getattr(one, name) for one in self.moments]
        for number, group in enumerate(self.groups):
            columns[f"delivered_per_s {group}"] = [round(one.delivered[number] / width_s, 3) for one in self.moments]
            for share in (0.5, 0.99):
                found = [one.sketches[number].quantile_s(share) for one in self.moments]
                columns[f"p{share * 100:.0f}_s {group}"] = found
        return columns
