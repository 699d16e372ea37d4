import tomllib
from typing import Any

import pytest

from scenarios.profile import Profile, load_profile
from scenarios.replay import compare, write_profile


def failed(*broken: tuple[str, str]) -> dict[str, Any]:
    kept = {"check": "in order", "outcome": "passed", "hop": None}
    verdicts = [{"check": check, "outcome": "failed", "hop": hop} for check, hop in broken]
    return {"outcome": "failed", "verdicts": [kept, *verdicts]}


LOST = failed(("none lost", "forwarder"))


@pytest.mark.parametrize(
    ("again", "meaning"),
    [
        (LOST, "REPRODUCED"),
        (failed(("none lost", "forwarder"), ("unaltered", "forwarder")), "REPRODUCED"),
        (failed(("none twice", "forwarder")), "DIFFERENT"),
        (failed(("none lost", "destination")), "DIFFERENT"),
        (failed(), "DIFFERENT"),
        ({"outcome": "passed", "verdicts": []}, "FIXED"),
        ({"outcome": "unknown", "verdicts": [], "reason": "too slow"}, "NOT RUN"),
        ({"outcome": "not applicable", "verdicts": [], "reason": "no api"}, "NOT RUN"),
    ],
)
def test_meaning_follows_from_check_and_hop(again: dict[str, Any], meaning: str) -> None:
    assert compare(LOST, again)[0] == meaning


def test_scenario_that_fails_without_a_verdict_is_the_same_failure() -> None:
    assert compare(failed(), failed())[0] == "REPRODUCED"


def test_difference_says_what_was_and_what_is() -> None:
    _, why = compare(LOST, failed(("none twice", "forwarder")))
    assert why == "then none lost at the forwarder, now none twice at the forwarder"


def test_profile_is_written_as_it_was_read() -> None:
    reference = load_profile(None)
    stored = {**reference.model_dump(), "name": 'mine "quoted" \\ über'}
    assert Profile.model_validate(tomllib.loads(write_profile(stored))).model_dump() == stored
