import pytest

from uplab.fakes.thingsboard.state.aggregation import aggregate
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
    assert aggregate(POINTS, name, 0, 40, 10) == points


def test_last_interval_may_be_short() -> None:
    assert aggregate([(32, 1)], "COUNT", 0, 34, 10) == [(32, 1)]


def test_intervals_are_bounded() -> None:
    assert len(aggregate([(ts, 1) for ts in range(0, 1_000_000, 10)], "COUNT", 0, 1_000_000, 1)) <= 50_000
