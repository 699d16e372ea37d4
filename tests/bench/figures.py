"""What a benchmark yields: figures, each with all its runs, their median, and the bar beside it. No clock, no I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal

__all__ = ["Bar", "Figure", "Measured", "Result", "percentile"]


@dataclass(frozen=True, slots=True)
class Bar:
    """A number to hold: `least` says whether more is better (the bar is the least) or less (it is the most)."""

    value: float
    least: bool = True

    def met(self, value: float) -> bool:
        """Whether a value holds the bar; one that stands on it does."""
        return value >= self.value if self.least else value <= self.value


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a benchmark, once for each run."""

    name: str
    unit: str
    runs: tuple[float, ...]
    bar: Bar | None = None

    @property
    def median(self) -> float:
        """The median of the runs."""
        return median(self.runs)

    @property
    def verdict(self) -> Literal["met", "missed", ""]:
        """Whether the median holds the bar; empty without one. This is information, never a failure."""
        if self.bar is None:
            return ""
        return "met" if self.bar.met(self.median) else "missed"

    def as_data(self) -> dict[str, Any]:
        """The figure as it stands in the JSON file."""
        bar = None if self.bar is None else {"value": self.bar.value, "is": "least" if self.bar.least else "most"}
        spread = {"least": min(self.runs), "most": max(self.runs)}
        facts = {"name": self.name, "unit": self.unit, "median": self.median, **spread, "runs": list(self.runs)}
        return {**facts, "bar": bar, "verdict": self.verdict or None}


class Measured:
    """Gathers the runs of each figure, in the order in which the figures came up first."""

    def __init__(self) -> None:
        self._figures: dict[str, Figure] = {}

    def add(self, name: str, unit: str, value: float, bar: Bar | None = None) -> None:
        """One more run of a figure."""
        before = self._figures[name].runs if name in self._figures else ()
        self._figures[name] = Figure(name, unit, (*before, value), bar)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All figures so far."""
        return tuple(self._figures.values())


@dataclass(slots=True)
class Result:
    """One benchmark: its figures, under which conditions they came about, and what went wrong."""

    name: str
    title: str
    load_1min: float
    figures: tuple[Figure, ...] = ()
    conditions: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    others_cores: float | None = None  # how many cores the rest of the machine used meanwhile
    duration_s: float = 0.0
    calibration: tuple[float, float] | None = None  # rounds of the calibration loop a CPU-second, before and after
    baseline: Mapping[str, float] = field(default_factory=dict)  # rounds of each figure in an earlier measurement

    @property
    def rounds(self) -> dict[str, float]:
        """What one of each figure costs in rounds of the calibration loop: that holds on other machines, too."""
        if self.calibration is None:
            return {}
        per_s = sum(self.calibration) / 2
        costs = {"/CPU-s": lambda median: 1 / median, "us/uplink": lambda median: median / 1e6}
        return {
            one.name: per_s * costs[one.unit](one.median) for one in self.figures if one.unit in costs and one.median
        }

    def as_data(self) -> dict[str, Any]:
        """The benchmark as it stands in the JSON file."""
        return {
            "name": self.name,
            "title": self.title,
            "load_1min_at_start": self.load_1min,
            "others_cores": self.others_cores,
            "duration_s": round(self.duration_s, 1),
            "calibration_per_cpu_s": self.calibration,
            "rounds": self.rounds,
            "conditions": self.conditions,
            "problems": self.problems,
            "figures": [figure.as_data() for figure in self.figures],
        }


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile, so that it is a value that occurred; ValueError when there are none."""
    if not values:
        raise ValueError("no percentile of nothing")
    ordered = sorted(values)
    rank = -(-len(ordered) * share // 1)  # rounded up
    return ordered[max(int(rank), 1) - 1]
