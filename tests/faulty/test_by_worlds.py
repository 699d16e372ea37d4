"""The lot, and how a run of worlds is read: found is only what was red where the changed code ran."""

from typing import Any

import pytest

from tests.faulty.by_worlds import LOT, by_lot, read_found
from tests.faulty.known_bad import announcement

RAN = announcement("bad", ran=True)
RED = {"check": "none lost", "outcome": "failed", "hop": "forwarder", "happened": "never delivered: u1"}


def scenario(*worlds: str, red: str = "") -> dict[str, Any]:
    told = [{"name": name, "outcome": "failed" if name == red else "passed"} for name in worlds]
    return {"worlds": told, "verdicts": [RED] if red else [], "ended_s": 2.0}


def test_lot_is_the_same_for_a_seed_and_none_of_pages() -> None:
    chosen = by_lot(1)
    assert len({bad.name for bad in chosen}) == LOT
    assert [bad.name for bad in chosen] == [bad.name for bad in by_lot(1)]
    assert [bad.name for bad in chosen] != [bad.name for bad in by_lot(2)]
    assert not any(kill.scenario.startswith("pages/") or bad.side == "fake" for bad in chosen for kill in bad.kills)


def test_red_world_is_found_by_the_end_of_its_batch() -> None:
    run = {"scenarios": [scenario("w1-0", "w1-1"), scenario("w1-2", "w1-3", red="w1-3"), scenario("w1-4")]}
    found = read_found("bad", run, RAN)
    assert (found.verdict, found.played, found.world, found.checks) == ("found", 4, "w1-3", ("none lost",))


@pytest.mark.parametrize(
    ("red", "log", "verdict"), [("w1-0", "", "not run"), ("", RAN, "not found"), ("", "", "not found")]
)
def test_only_what_ran_is_found(red: str, log: str, verdict: str) -> None:
    assert read_found("bad", {"scenarios": [scenario("w1-0", red=red)]}, log).verdict == verdict
