"""What a profile does not declare, and what its policy does not wait for, is not drawn."""

from __future__ import annotations

import pytest

from uplab.scenarios.checks.policy.declared import DeliveryPolicy
from uplab.scenarios.under_test.profile import Profile, load_profile
from uplab.scenarios.worlds.space.offered import offered, ways_again


def profile(generation: str, **delivery: object) -> Profile:
    """The reference's, in another failure generation."""
    usual = load_profile(None)
    choices = usual.choices.model_copy(update={"failure_generation": generation})
    own = DeliveryPolicy.model_validate(delivery) if delivery else usual.delivery
    return usual.model_copy(update={"choices": choices, "delivery": own})


def values(of: Profile, name: str) -> list[str]:
    return [value for one in offered(of) if one.name == name for value in one.values]


@pytest.mark.parametrize(
    ("generation", "words"),
    [
        ("blame", {"blame", "again", "patient"}),
        ("strict-resend", {"strict", "again", "patient"}),
        ("strict-close", set()),
        ("none", set()),
    ],
)
def test_generation_says_what_is_tried_again(generation: str, words: set[str]) -> None:
    assert ways_again(profile(generation)) == words


def test_policy_of_one_s_own_fails_as_far_as_it_waits() -> None:
    soon = {"attempts": 3, "pauses_s": [0.5], "timeout_s": 2.0}
    assert "hang" in values(profile("own", **soon), "fault")
    assert "hang" not in values(profile("own", **{**soon, "timeout_s": 60.0}), "fault")
    assert values(profile("own", **{**soon, "pauses_s": [60.0]}), "fault") == []
    assert values(profile("own", **soon), "trouble") == []
    assert "nobody" in values(profile("own", **{**soon, "attempts": 0}), "trouble")


def test_strict_generation_is_answered_and_has_its_own_key() -> None:
    kinds = values(profile("strict-resend"), "fault")
    assert "503" in kinds
    assert "cut before the body" not in kinds
    assert values(profile("strict-resend"), "strictMode") == ["true", "absent", "false"]
    assert values(profile("blame"), "strictMode") == values(profile("strict-resend"), "blamePeriod") == []


def test_bodies_of_connectors_that_are_not_there_are_not_asked_for() -> None:
    usual = load_profile(None)
    features = usual.features.model_copy(update={"widgelix": False, "mqtt": False})
    left = values(usual.model_copy(update={"features": features}), "taken body")
    assert "plain" in left
    assert not any(name.startswith(("Widgelix", "a broker", "a topic")) for name in left)
