import math
import random
from collections.abc import Callable

import pytest

from uplab.scenarios.load.growth import Sample, growth, slope

MB = 1e6


def sampled(
    value: Callable[[float], float], *, seconds: int = 120, per_s: int = 200, noise: float = 0.3
) -> list[Sample]:
    chance = random.Random(3)
    return [Sample(at, at * per_s, value(at) + chance.uniform(-noise, noise) * MB) for at in range(seconds)]


def test_a_kilobyte_an_uplink_is_found_and_named() -> None:
    found = growth("memory", sampled(lambda at: 80 * MB + 1_000 * 200 * at))

    assert found.verdict == "grows"
    assert found.per_uplink == pytest.approx(1_000, rel=0.05)
    assert "bytes an uplink" in found.words


def test_less_than_that_is_found_where_it_goes_on_long_enough() -> None:
    found = growth("memory", sampled(lambda at: 80 * MB + 100 * 200 * at, seconds=3_600))

    assert found.verdict == "grows"
    assert found.per_uplink == pytest.approx(100, rel=0.1)


@pytest.mark.parametrize(
    "value",
    [
        lambda _: 80 * MB,
        lambda at: 80 * MB - 100 * 200 * at,
        lambda at: 120 * MB - 40 * MB * math.exp(-at / 12),
        lambda at: 120 * MB if at > 70 else 80 * MB,
        lambda at: 80 * MB + 10 * MB * (at % 20) / 20,
    ],
    ids=["level", "falls", "fills up", "a step", "saw"],
)
def test_what_stays_or_fills_up_is_no_leak(value: Callable[[float], float]) -> None:
    assert growth("memory", sampled(value)).verdict == "steady"


def test_a_leak_beside_a_saw_is_found() -> None:
    found = growth("memory", sampled(lambda at: 80 * MB + 3 * MB * (at % 10) / 10 + 200_000 * at))

    assert found.verdict == "grows"


def test_only_what_came_since_the_last_start_counts() -> None:
    samples = sampled(lambda at: 80 * MB + (400_000 * at if at < 60 else 0))

    assert growth("memory", samples, [60.0]).verdict == "steady"
    assert growth("memory", sampled(lambda at: 80 * MB + 400_000 * (at % 60)), [60.0]).verdict == "grows"


def test_too_few_samples_are_unknown() -> None:
    assert growth("memory", sampled(lambda _: 80 * MB, seconds=10)).verdict == "unknown"
    assert growth("memory", []).verdict == "unknown"


def test_files_and_latency_have_slopes_too() -> None:
    files = [Sample(at, at, 20 + at // 4) for at in range(120)]
    latency = [Sample(at, at, 0.002 + 0.002 * at) for at in range(120)]

    assert growth("open files", files).verdict == growth("latency p50", latency).verdict == "grows"
    assert growth("open files", [Sample(at, at, 20 + at % 7) for at in range(120)]).verdict == "steady"


def test_a_few_wild_samples_move_no_slope() -> None:
    points = [(float(at), float(at)) for at in range(50)]
    points[10] = (10.0, 1e9)

    assert slope(points) == pytest.approx(1.0)
    assert slope([]) == 0
