from datetime import UTC, datetime

import pytest

from uplab.fakes.thingsboard.state.aggregation import AggregationError, aggregate, calendar, milliseconds, zone
from uplab.fakes.thingsboard.state.series import Point

POINTS: list[Point] = [(0, 1), (5, 3), (12, 10), (19, "text"), (35, 2.5)]


@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("MIN", [(5, 1), (15, 10), (35, 2.5)]),
        ("MAX", [(5, 3), (15, 10), (35, 2.5)]),
        ("SUM", [(5, 4), (15, 10), (35, 2.5)]),
        ("AVG", [(5, 2.0), (15, 10.0), (35, 2.5)]),
        ("COUNT", [(5, 2), (15, 2), (35, 1)]),
    ],
)
def test_each_interval_has_one_point_at_its_middle(name: str, points: list[Point]) -> None:
    assert aggregate(POINTS, name, milliseconds(0, 40, 10)) == points


def test_last_interval_may_be_short() -> None:
    assert aggregate([(32, 1)], "COUNT", milliseconds(0, 34, 10)) == [(32, 1)]


@pytest.mark.parametrize("interval_ms", [0, -1])
def test_interval_below_one_is_refused(interval_ms: int) -> None:
    with pytest.raises(AggregationError, match="'interval' must be greater than 0"):
        milliseconds(0, 10, interval_ms)


# database.ts_max_intervals is 700, and an interval below a second counts as one.
@pytest.mark.parametrize(("end_ms", "interval_ms", "allowed"), [(700_000, 1, True), (701_000, 1_000, False)])
def test_intervals_are_bounded(end_ms: int, interval_ms: int, allowed: bool) -> None:
    if allowed:
        assert milliseconds(0, end_ms, interval_ms)(5) == (5, 6)
    else:
        with pytest.raises(AggregationError, match="Number of intervals is to high - 701"):
            milliseconds(0, end_ms, interval_ms)


def ms(*date: int) -> int:
    return int(datetime(*date, tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc, arg-type]


START, END = ms(2024, 1, 3), ms(2024, 12, 31)


@pytest.mark.parametrize(
    ("kind", "place", "begin", "end"),
    [
        ("WEEK", "", ms(2024, 5, 12), ms(2024, 5, 19)),  # from a Sunday
        ("WEEK_ISO", "", ms(2024, 5, 13), ms(2024, 5, 20)),  # from a Monday
        ("MONTH", "", ms(2024, 5, 1), ms(2024, 6, 1)),
        ("QUARTER", "", ms(2024, 4, 1), ms(2024, 7, 1)),
        ("MONTH", "Europe/Paris", ms(2024, 4, 30, 22), ms(2024, 5, 31, 22)),
        ("MONTH", "No/Where", ms(2024, 5, 1), ms(2024, 6, 1)),
    ],
)
def test_calendar_intervals_begin_where_a_calendar_says(kind: str, place: str, begin: int, end: int) -> None:
    assert calendar(START, END, kind, zone(place))(ms(2024, 5, 15, 12)) == (begin, end)


def test_first_and_last_calendar_interval_are_cut_by_the_query() -> None:
    months = calendar(START, END, "MONTH", UTC)

    assert months(START) == (START, ms(2024, 2, 1))
    assert months(END - 1) == (ms(2024, 12, 1), END)
