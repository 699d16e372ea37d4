"""How a run's times stand to those of the runs before it: a line of numbers, and a sentence where they moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from uplab.reports.past.entries import Entry

__all__ = ["Point", "Trend", "trends"]

_RUNS = 30  # that are drawn
_AMONG = 5  # earlier runs that make a level
_MOVED = 1.5  # times as much, or as little; a machine that others use moves by less
_WIDTH, _HEIGHT = 240, 36


@dataclass(frozen=True, slots=True)
class Point:
    """One run in the drawing, in a box of 240 by 36; `words` tell when, which version and how much."""

    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class Trend:
    """One measure over the runs of a forwarder, the oldest first; `moved` is a sentence, or empty."""

    name: str
    unit: str
    now: float
    points: tuple[Point, ...]
    moved: str

    @property
    def line(self) -> str:
        """The points as SVG has them in a polyline."""
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points)


def trends(before: Sequence[Entry], now: Entry) -> tuple[Trend, ...]:
    """Duration and latency of this run beside those before it; only runs of as much are compared.

    `before` are earlier runs of the same forwarder, the oldest first.
    """
    alike = [one for one in before if one.whole == now.whole]
    found = []
    for name, unit in (("duration", "s"), ("latency, the middle one", "ms"), ("latency, 95 of 100", "ms")):
        told = ((one, _value(one, name)) for one in (*alike[-_RUNS + 1 :], now))
        series = [(one, value) for one, value in told if value is not None]
        if len(series) > 1 and series[-1][0] is now:
            found.append(_trend(name, unit, series))
    return tuple(found)


def _value(one: Entry, name: str) -> float | None:
    if name == "duration":
        return one.duration_s
    return one.carried_ms[name != "latency, the middle one"] if one.carried_ms else None


def _trend(name: str, unit: str, series: Sequence[tuple[Entry, float]]) -> Trend:
    values = [value for _, value in series]
    now, level = values[-1], median(values[:-1][-_AMONG:])
    most = max(values) or 1.0
    points = tuple(
        Point(
            round(4 + n * (_WIDTH - 8) / (len(values) - 1), 1),
            round(_HEIGHT - 4 - value / most * (_HEIGHT - 8), 1),
            f"{one.started[:10]} {one.version or ''}: {value:,.1f} {unit}".replace(" :", ":"),
        )
        for n, (one, value) in enumerate(series)
    )
    moved = ""
    if level and now / level >= _MOVED:
        moved = f"{now / level:.1f} times what it was: {now:,.1f} {unit}, and {level:,.1f} {unit} in the runs before"
    elif now and level / now >= _MOVED:
        moved = f"less than it was: {now:,.1f} {unit}, and {level:,.1f} {unit} in the runs before"
    return Trend(name, unit, now, points, moved)
