import random

from hypothesis import given
from hypothesis import strategies as st

from uplab.fakes.thingsboard.state.series import Budget, Series

ALWAYS = (-(1 << 63), 1 << 62)


def history(series: Series, key: str, *, limit: int = 100, newest_first: bool = True) -> list[tuple[int, object]]:
    return list(series.history(key, *ALWAYS, limit=limit, newest_first=newest_first))


def test_latest_moves_only_forward_in_time() -> None:
    series = Series(Budget())

    series.save(2, {"a": "new"})
    series.save(1, {"a": "old", "b": "first"})

    assert (series.latest("a"), series.latest("b")) == ((2, "new"), (1, "first"))
    assert history(series, "a") == [(2, "new"), (1, "old")]


def test_same_time_overwrites() -> None:
    series = Series(Budget())

    series.save(1, {"a": 1, "b": 1})
    series.save(1, {"a": 2})

    assert series.latest("a") == (1, 2)
    assert history(series, "a") == [(1, 2)]
    assert series.budget.kept == 2


def test_unknown_key_has_nothing() -> None:
    series = Series(Budget())

    assert series.latest("a") is None
    assert history(series, "a") == []


def test_history_has_a_range_an_order_and_a_limit() -> None:
    series = Series(Budget())
    for ts in (5, 1, 3, 2, 4):
        series.save(ts, {"a": ts * 10})

    assert series.history("a", 2, 5, limit=2) == [(4, 40), (3, 30)]
    assert series.history("a", 2, 5, limit=2, newest_first=False) == [(2, 20), (3, 30)]


def test_rows_are_bounded_and_drops_counted() -> None:
    series = Series(Budget(rows_per_device=100))
    for ts in range(1_000):
        series.save(ts, {"a": ts, "b": ts})

    kept = len(history(series, "a", limit=1_000))
    assert 90 <= kept <= 100
    assert series.budget.kept == 2 * kept
    assert series.budget.dropped == 2 * (1_000 - kept)
    assert series.latest("a") == (999, 999)


def test_points_of_all_devices_are_bounded_together() -> None:
    budget = Budget(points=50)
    many = [Series(budget) for _ in range(100)]
    for ts in range(3):
        for series in many:
            series.save(ts, {"a": ts})

    assert budget.kept <= 50
    assert budget.kept + budget.dropped == 300
    assert {series.latest("a") for series in many} == {(2, 2)}


def test_keys_of_a_device_are_bounded() -> None:
    series = Series(Budget(keys_per_device=3))

    series.save(1, {"a": 1, "b": 1})
    series.save(2, {"c": 2, "d": 2, "a": 2})

    assert series.keys() == ["a", "b", "c"]
    assert series.latest("a") == (2, 2)
    assert series.budget.dropped == 1


def test_forgotten_key_is_gone_from_latest_and_history() -> None:
    series = Series(Budget())
    series.save(1, {"a": 1, "b": 1})
    series.save(2, {"a": 2})

    series.forget(["a", "unknown"])

    assert (series.latest("a"), history(series, "a"), series.keys()) == (None, [], ["b"])
    assert series.budget.kept == 1


@given(
    st.lists(st.tuples(st.integers(0, 20), st.dictionaries(st.sampled_from("abc"), st.integers(), max_size=3))),
    st.randoms(),
)
def test_series_agrees_with_a_plain_model(saves: list[tuple[int, dict[str, int]]], chance: random.Random) -> None:
    series = Series(Budget())
    model: dict[str, dict[int, int]] = {}
    chance.shuffle(saves)
    for ts, values in saves:
        series.save(ts, dict(values))
        for key, value in values.items():
            model.setdefault(key, {})[ts] = value

    assert set(series.keys()) == set(model)
    for key, points in model.items():
        assert series.latest(key) == max(points.items())
        assert history(series, key, limit=1000, newest_first=False) == sorted(points.items())
    assert series.budget.kept == sum(map(len, model.values()))
