from uplab.scenarios.load.judging.series import MOST, Series


def test_each_instant_falls_into_its_moment() -> None:
    series = Series(5_000_000, ["a", "b"])
    series.at(5_999_999).accepted += 1
    series.at(6_000_000).accepted += 2
    series.at(4_000_000).accepted += 4  # before the first
    series.at(6_500_000).delivered[1] += 3

    data = series.as_data()

    assert data["at_s"] == [0, 1]
    assert data["accepted_per_s"] == [5, 2]
    assert data["delivered_per_s a"] == [0, 0]
    assert data["delivered_per_s b"] == [0, 3]


def test_a_long_run_keeps_its_sums_in_as_many_moments() -> None:
    series = Series(0, ["a"])
    for second in range(MOST * 9):
        moment = series.at(second * 1_000_000)
        moment.accepted += 1
        moment.waiting = second
        moment.sketches[0].add(1_000 + second)

    assert len(series.moments) <= MOST
    assert series.width_us == 16_000_000
    assert sum(one.accepted for one in series.moments) == MOST * 9
    assert sum(one.sketches[0].count for one in series.moments) == MOST * 9
    assert [one.waiting for one in series.moments[:2]] == [15, 31]


def test_what_was_not_seen_is_none() -> None:
    series = Series(0, ["a"])
    series.at(1)

    data = series.as_data()

    assert data["memory_bytes"] == data["p99_s a"] == [None]
