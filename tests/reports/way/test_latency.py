"""Latency over the run, drawn."""

from dataclasses import replace

import pytest

from uplab.reports.run import Leg, Run, Scenario
from uplab.reports.way.latency import HEIGHT, chart


@pytest.fixture
def timed(run: Run) -> list[Scenario]:
    """Scenarios with their latency, the last one slow."""
    legs = [
        Leg("carried", 3, 2.0, 4.0, 5.0),
        Leg("carried", 1, 0.02, 0.02, 0.02),
        Leg("carried", 9, 30.0, 900.0, 31000.0),
    ]
    passed = run.of("passed")
    return [replace(passed[n], latency=leg, ended_s=10.0 * (n + 1)) for n, leg in enumerate(legs)]


def test_each_scenario_is_a_bar_from_its_middle_up_to_its_longest(timed: list[Scenario]) -> None:
    found = chart(timed)

    assert found is not None
    assert [bar.id for bar in found.bars] == [one.id for one in timed]
    assert all(0 <= bar.longest <= bar.middle <= HEIGHT for bar in found.bars)
    assert found.bars[2].middle - found.bars[2].longest > 50
    assert [bar.x for bar in found.bars] == sorted(bar.x for bar in found.bars)
    assert found.bars[2].words.endswith("9 uplinks, 30 ms, at most 31 s")


def test_levels_are_powers_of_ten_in_words(timed: list[Scenario]) -> None:
    found = chart(timed)

    assert found is not None
    assert [words for _, words in found.levels] == [
        "0.01 ms",
        "0.1 ms",
        "1 ms",
        "10 ms",
        "100 ms",
        "1 s",
        "10 s",
        "100 s",
    ]


def test_too_few_are_no_chart(timed: list[Scenario]) -> None:
    assert chart(timed[:1]) is None
    assert chart([replace(one, latency=None) for one in timed]) is None


def test_many_are_thinned(timed: list[Scenario]) -> None:
    found = chart([replace(timed[0], ended_s=float(n)) for n in range(5_000)])

    assert found is not None
    assert len(found.bars) <= 600
