"""In which variants a scenario is played."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from uplab.scenarios.under_test.profile import Profile, load_profile
from uplab.scenarios.under_test.promise.variant import DIMENSIONS, USUAL, Variant, values_of, variants
from uplab.simulator.payloads import MODELS

REFERENCE = load_profile(None)


def profile(**choices: Any) -> Profile:
    return Profile.model_validate({"name": "n", "choices": choices})


def test_scenario_that_varies_nothing_is_played_as_usual() -> None:
    assert variants(REFERENCE, []) == [USUAL]


def test_one_dimension_is_played_in_each_value_the_usual_first() -> None:
    assert [str(one) for one in variants(REFERENCE, ["generation"])] == ["", "strict-resend", "strict-close"]
    assert [one.extra for one in variants(REFERENCE, ["transport"])] == [False, True, True]


def test_every_model_of_the_simulator_is_a_value() -> None:
    assert set(values_of(REFERENCE)["model"]) == set(MODELS)


def test_several_dimensions_are_played_pairwise() -> None:
    there = values_of(REFERENCE)
    found = variants(REFERENCE, ["generation", "regime", "model"])

    played = [[getattr(one, name) or there[name][0] for name in DIMENSIONS] for one in found]
    for one, other in combinations((0, 2, 3), 2):
        met = {(row[one], row[other]) for row in played}
        assert met == {(a, b) for a in there[DIMENSIONS[one]] for b in there[DIMENSIONS[other]]}
    whole = len(there["generation"]) * 2 * len(there["model"])
    assert len(found) == len(set(map(str, found))) < whole * 2 / 3
    assert found == variants(REFERENCE, ["generation", "regime", "model"])
    assert (found[0], [one.extra for one in found].count(False)) == (USUAL, 1)


def test_what_a_scenario_is_about_is_its_usual_way() -> None:
    only = {"generation": ["strict-resend", "strict-close"]}

    assert [str(one) for one in variants(REFERENCE, [], only)] == ["strict-resend", "strict-close"]
    assert [one.extra for one in variants(REFERENCE, [], only)] == [False, True]
    assert variants(profile(), [], only) == [USUAL]  # the profile has none of them; the scenario says so


def test_forwarder_elsewhere_has_the_generation_that_it_has() -> None:
    assert variants(REFERENCE, ["generation"], elsewhere=True) == [USUAL]


@pytest.mark.parametrize(
    ("choices", "transports"),
    [
        ({}, ("mqtt", "mqtts")),
        ({"thingsboard_transport": "both"}, ("mqtt", "mqtts", "rest")),
        ({"thingsboard_transport": "rest"}, ("rest",)),
        ({"thingsboard_transports": ["rest", "mqtt"]}, ("rest", "mqtt")),
    ],
)
def test_transports_are_a_list_or_a_word(choices: dict[str, Any], transports: tuple[str, ...]) -> None:
    assert values_of(profile(**choices))["transport"] == transports


def test_without_tls_there_is_one_transport() -> None:
    direct = {"name": "n", "ways": {"names": "direct", "tls": False}, "choices": {"thingsboard_transport": "both"}}
    assert values_of(Profile.model_validate(direct))["transport"] == ("mqtt",)


def test_profile_of_a_variant_promises_what_its_generation_does() -> None:
    played = Variant(generation="strict-resend").profile(REFERENCE)

    assert (played.policy.attempts, REFERENCE.policy.attempts) == (4, 0)
    assert USUAL.profile(REFERENCE) is REFERENCE


def test_usual_generation_is_one_of_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="failure_generation none is none of failure_generations: blame"):
        profile(failure_generation="none", failure_generations=["blame"])
