"""Times over runs."""

from uplab.reports.past.entries import Entry
from uplab.reports.past.trend import trends


def _entry(day: int, duration_s: float, *, p50_ms: float | None = 5.0, whole: bool = True) -> Entry:
    started = f"2026-11-{day:02d}T03:00:00+00:00"
    carried = None if p50_ms is None else (p50_ms, 2 * p50_ms)
    return Entry(f"n{day}", started, "mine", "1", whole, 0, duration_s, frozenset(), frozenset(), {}, carried)


def test_each_measure_has_a_line_with_a_point_for_each_run() -> None:
    found = trends([_entry(1, 60), _entry(2, 62)], _entry(3, 61))

    assert [(one.name, len(one.points), one.moved) for one in found] == [
        ("duration", 3, ""),
        ("latency, the middle one", 3, ""),
        ("latency, 95 of 100", 3, ""),
    ]
    assert found[0].points[-1].words == "2026-11-03 1: 61.0 s"
    for one in found:
        assert all(0 <= point.x <= 240 and 0 <= point.y <= 36 for point in one.points)


def test_what_moved_is_said() -> None:
    before = [_entry(day, 60) for day in range(1, 8)]

    slower = trends(before, _entry(9, 120, p50_ms=50))
    faster = trends(before, _entry(9, 30))

    assert slower[0].moved == "2.0 times what it was: 120.0 s, and 60.0 s in the runs before"
    assert slower[1].moved.startswith("10.0 times")
    assert faster[0].moved == "less than it was: 30.0 s, and 60.0 s in the runs before"


def test_one_slow_run_before_makes_no_level() -> None:
    before = [_entry(1, 60), _entry(2, 600), _entry(3, 60)]

    assert trends(before, _entry(4, 60))[0].moved == ""


def test_a_part_is_not_compared_with_the_whole() -> None:
    assert trends([_entry(1, 600)], _entry(2, 6, whole=False)) == ()


def test_runs_that_measured_nothing_have_no_latency() -> None:
    assert [one.name for one in trends([_entry(1, 60, p50_ms=None)], _entry(2, 60))] == ["duration"]
    assert [one.name for one in trends([_entry(1, 60)], _entry(2, 60, p50_ms=None))] == ["duration"]
