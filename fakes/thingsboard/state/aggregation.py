"""Aggregation of telemetry over intervals, as the history query asks for it (`agg`, `interval`)."""

from collections.abc import Callable, Sequence
from typing import Final

from uplab.fakes.thingsboard.state.payloads import Value
from uplab.fakes.thingsboard.state.series import Point

__all__ = ["AGGREGATIONS", "aggregate"]

_Number = int | float
_FUNCTIONS: Final[dict[str, Callable[[Sequence[_Number]], _Number]]] = {
    "MIN": min,
    "MAX": max,
    "SUM": sum,
    "AVG": lambda numbers: float(sum(numbers)) / len(numbers),
}
AGGREGATIONS: Final = frozenset({"NONE", "COUNT", *_FUNCTIONS})
_MOST_INTERVALS = 50_000


def aggregate(points: Sequence[Point], name: str, start_ms: int, end_ms: int, interval_ms: int) -> list[Point]:
    """One point for each interval that has any, at its middle; what is no number counts for COUNT only.

    The intervals are never shorter than makes 50,000 of them.
    """
    step = max(interval_ms, (end_ms - start_ms) // _MOST_INTERVALS, 1)
    groups: dict[int, list[Value]] = {}
    for ts, value in points:
        groups.setdefault((ts - start_ms) // step, []).append(value)
    found: list[Point] = []
    for number, values in groups.items():
        begin = start_ms + number * step
        middle = begin + (min(begin + step, end_ms) - begin) // 2
        if name == "COUNT":
            found.append((middle, len(values)))
            continue
        numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
        if numbers:
            found.append((middle, _FUNCTIONS[name](numbers)))
    return found
