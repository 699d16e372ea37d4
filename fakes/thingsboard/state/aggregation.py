"""Aggregation of telemetry over intervals, as the history query asks for it (`agg`, `interval`, `intervalType`)."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from uplab.fakes.thingsboard.state.payloads import Value
from uplab.fakes.thingsboard.state.series import Point

__all__ = ["AGGREGATIONS", "CALENDAR", "AggregationError", "Interval", "aggregate", "calendar", "milliseconds", "zone"]

_Number = int | float
_FUNCTIONS: Final[dict[str, Callable[[Sequence[_Number]], _Number]]] = {
    "MIN": min,
    "MAX": max,
    "SUM": sum,
    "AVG": lambda numbers: float(sum(numbers)) / len(numbers),
}
AGGREGATIONS: Final = frozenset({"NONE", "COUNT", *_FUNCTIONS})
_MOST_INTERVALS: Final = 700  # database.ts_max_intervals
_SHORTEST_MS: Final = 1_000  # ... counted with steps of at least a second
_DAY_MS: Final = 86_400_000
# What ThingsBoard takes such an interval for when it counts them.
CALENDAR: Final = {"WEEK": 7 * _DAY_MS, "WEEK_ISO": 7 * _DAY_MS, "MONTH": 30 * _DAY_MS, "QUARTER": 90 * _DAY_MS}

# Begin and end (ms) of the interval that holds a time, counted from the start of the query.
Interval = Callable[[int], tuple[int, int]]


class AggregationError(ValueError):
    """A query that ThingsBoard refuses; the message is its own."""


def _check(start_ms: int, end_ms: int, interval_ms: int) -> None:
    if interval_ms < 1:
        raise AggregationError(
            f"Invalid TsKvQuery: 'interval' must be greater than 0, but got {interval_ms}. Please check your query "
            "parameters and ensure 'endTs' is greater than 'startTs' or increase 'interval'."
        )
    count = int((end_ms - start_ms) / max(interval_ms, _SHORTEST_MS))
    if not 0 <= count <= _MOST_INTERVALS:
        raise AggregationError(
            f"Incorrect TsKvQuery. Number of intervals is to high - {count}. Please increase 'interval' parameter for "
            "your query or reduce the time range of the query."
        )


def milliseconds(start_ms: int, end_ms: int, interval_ms: int) -> Interval:
    """Intervals of one length; raises AggregationError when there are too many of them, or none."""
    _check(start_ms, end_ms, interval_ms)

    def interval(ts: int) -> tuple[int, int]:
        begin = start_ms + (ts - start_ms) // interval_ms * interval_ms
        return begin, min(begin + interval_ms, end_ms)

    return interval


def calendar(start_ms: int, end_ms: int, kind: str, place: tzinfo) -> Interval:
    """Weeks from Sunday, weeks from Monday, months or quarters of a time zone; raises AggregationError."""
    _check(start_ms, end_ms, CALENDAR[kind])

    def interval(ts: int) -> tuple[int, int]:
        first = _first_day(datetime.fromtimestamp(ts / 1000, place), kind)
        after = _first_day(first + _LONGEST[kind], kind)
        # Whole seconds: a day begins on one, and a float of ms would not be exact.
        return max(int(first.timestamp()) * 1000, start_ms), min(int(after.timestamp()) * 1000, end_ms)

    return interval


_LONGEST: Final = {
    "WEEK": timedelta(days=8),
    "WEEK_ISO": timedelta(days=8),
    "MONTH": timedelta(days=32),
    "QUARTER": timedelta(days=93),
}


def _first_day(at: datetime, kind: str) -> datetime:
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if kind == "WEEK":
        return day - timedelta(days=day.isoweekday() % 7)
    if kind == "WEEK_ISO":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1, month=day.month if kind == "MONTH" else (day.month - 1) // 3 * 3 + 1)


def zone(name: str) -> tzinfo:
    """A time zone by its name; UTC for none and, as ThingsBoard falls back to its own, for one that is not known."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ValueError, OSError, KeyError):  # a ZoneInfoNotFoundError is a KeyError
        return UTC


def aggregate(points: Sequence[Point], name: str, interval: Interval) -> list[Point]:
    """One point for each interval that has any, at its middle; what is no number counts for COUNT only."""
    groups: dict[tuple[int, int], list[Value]] = {}
    for ts, value in points:
        groups.setdefault(interval(ts), []).append(value)
    found: list[Point] = []
    for (begin, end), values in groups.items():
        middle = begin + (end - begin) // 2
        if name == "COUNT":
            found.append((middle, len(values)))
            continue
        numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
        if numbers:
            found.append((middle, _FUNCTIONS[name](numbers)))
    return found
