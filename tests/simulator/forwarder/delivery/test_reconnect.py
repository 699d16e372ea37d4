from random import Random

import pytest

from uplab.simulator.forwarder.delivery.reconnect import DISPERSION_S, STRATEGIES, attempt_after_s, dispersed

MINUTE_S, HOUR_S, DAY_S = 60.0, 3600.0, 86400.0


@pytest.mark.parametrize(
    ("strategy", "attempt", "after_s"),
    [
        ("CALM", 1, 10 * MINUTE_S),
        ("CALM", 72, 12 * HOUR_S),
        ("CALM", 73, 13 * HOUR_S),
        ("CALM", 96, 36 * HOUR_S),
        ("CALM", 97, None),
        ("NORMAL", 1, 5 * MINUTE_S),
        ("NORMAL", 12, HOUR_S),
        ("NORMAL", 13, 2 * HOUR_S),
        ("NORMAL", 36, 25 * HOUR_S),
        ("NORMAL", 37, 25 * HOUR_S + DAY_S),
        ("NORMAL", 1036, 25 * HOUR_S + 1000 * DAY_S),
        ("AGGRESSIVE", 1, 3 * MINUTE_S),
        ("AGGRESSIVE", 60, 3 * HOUR_S),
        ("AGGRESSIVE", 61, 3.5 * HOUR_S),
        ("AGGRESSIVE", 396, 3 * HOUR_S + 7 * DAY_S),
        ("AGGRESSIVE", 397, 4 * HOUR_S + 7 * DAY_S),
    ],
)
def test_table_has_the_documented_instants(strategy: str, attempt: int, after_s: float | None) -> None:
    assert attempt_after_s(strategy, attempt) == after_s


def test_dispersion_is_at_most_a_minute_and_by_chance() -> None:
    random = Random(3)
    drawn = [dispersed("NORMAL", 1, random) or 0.0 for _ in range(1000)]

    assert all(abs(after_s - 300.0) <= DISPERSION_S for after_s in drawn)
    assert len({round(after_s) for after_s in drawn}) > 60


def test_exhausted_strategy_draws_nothing() -> None:
    assert dispersed("CALM", 97, Random(3)) is None


def test_there_are_the_three_documented_strategies() -> None:
    assert sorted(STRATEGIES) == ["AGGRESSIVE", "CALM", "NORMAL"]
