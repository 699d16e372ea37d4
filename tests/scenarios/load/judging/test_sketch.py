import random

import pytest

from uplab.scenarios.load.judging.sketch import Sketch


def filled(values_us: list[int]) -> Sketch:
    sketch = Sketch()
    for value in values_us:
        sketch.add(value)
    return sketch


@pytest.mark.parametrize("share", [0.01, 0.5, 0.9, 0.99, 0.999])
def test_a_quantile_is_within_one_per_cent_of_the_exact_one(share: float) -> None:
    chance = random.Random(7)
    values = [round(chance.lognormvariate(9, 2)) + 1 for _ in range(20_001)]

    exact_us = sorted(values)[round(share * 20_001 + 0.5) - 1]

    assert filled(values).quantile_s(share) == pytest.approx(exact_us / 1e6, rel=0.012)


def test_the_largest_is_exact_and_nothing_has_no_quantile() -> None:
    assert Sketch().quantile_s(0.5) is None
    assert filled([3, 1, 77_777]).quantile_s(1.0) == 0.077777
    assert filled([0, -5]).quantile_s(1.0) == 0.0


def test_it_grows_with_how_far_values_spread_and_not_with_how_many_there_are() -> None:
    chance = random.Random(1)
    few = filled([round(chance.lognormvariate(8, 1)) for _ in range(2_000)])
    many = filled([round(chance.lognormvariate(8, 1)) for _ in range(40_000)])

    assert many.count == 20 * few.count
    assert len(many.counts) < 2 * len(few.counts)


def test_two_of_them_added_are_as_one_of_both() -> None:
    one, other = filled([10, 200, 3_000]), filled([40_000, 5])
    one.merge(other)

    whole = filled([10, 200, 3_000, 40_000, 5])
    assert (one.counts, one.count, one.most_us) == (whole.counts, whole.count, whole.most_us)


def test_bars_hold_every_value_once() -> None:
    sketch = filled([1, 10, 1_000, 1_000, 1_000_000])

    bars = list(sketch.bars(most=10))

    assert len(bars) <= 10
    assert sum(count for _, _, count in bars) == 5
    assert all(least < most for least, most, _ in bars)
