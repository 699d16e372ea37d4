from itertools import pairwise

import pytest

from uplab.simulator.fleets.curve import CURVES
from uplab.simulator.fleets.rhythm import Rhythm

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def times(rhythm: Rhythm, until_ms: int) -> list[int]:
    found = [rhythm.first(0)]
    while found[-1] < until_ms:
        found.append(rhythm.next(found[-1]))
    return found[:-1]


def test_same_seed_gives_these_times_everywhere() -> None:
    assert times(Rhythm(42, 600, 0.1, CURVES["flat"]), HOUR_MS) == times(Rhythm(42, 600, 0.1, CURVES["flat"]), HOUR_MS)
    assert times(Rhythm(42, 1200, 0.5, CURVES["flat"]), HOUR_MS) == GOLDEN


GOLDEN = [681_876, 1_552_432, 2_647_838]
"""Made by the generator written down a second time, with division for shifts; a change is one of every fleet."""


@pytest.mark.parametrize(("every_s", "jitter"), [(600, 0.0), (600, 0.1), (60, 1.0), (7, 0.5)])
def test_intervals_stay_within_the_jitter(every_s: float, jitter: float) -> None:
    found = times(Rhythm(1, every_s, jitter, CURVES["flat"]), DAY_MS)

    gaps = [after - before for before, after in pairwise(found)]
    assert min(gaps) >= max(1, every_s * 1000 * (1 - jitter) - 1)
    assert max(gaps) <= every_s * 1000 * (1 + jitter) + 1
    assert len(found) == pytest.approx(DAY_MS / every_s / 1000, rel=0.05)


@pytest.mark.parametrize("name", CURVES)
def test_each_hour_has_its_share_of_the_rate(name: str) -> None:
    found = times(Rhythm(3, 10, 0.0, CURVES[name]), DAY_MS)

    for hour, share in enumerate(CURVES[name]):
        within = sum(hour * HOUR_MS <= at < (hour + 1) * HOUR_MS for at in found)
        assert within == pytest.approx(360 * share, abs=1)


def test_numbers_by_chance_are_even() -> None:
    rhythm = Rhythm(9, 60, 0, CURVES["flat"])
    drawn = [rhythm.draw() for _ in range(20_000)]

    assert all(0 <= number < 1 for number in drawn)
    for tenth in range(10):
        assert sum(tenth / 10 <= number < (tenth + 1) / 10 for number in drawn) == pytest.approx(2000, rel=0.1)
