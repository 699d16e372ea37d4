"""Worlds are made of their values: the same bytes for the same seed and number, and whole ones."""

import hashlib

import pytest

from uplab.scenarios.under_test.profile import Profile, load_profile
from uplab.scenarios.worlds.drawing.compose import EmptySpaceError, world
from uplab.scenarios.worlds.oracle import fates
from uplab.scenarios.worlds.plan import Fault, Restart, write_plan
from uplab.scenarios.worlds.space.offered import offered

SPACE = offered(load_profile(None))
GOLDEN = "565fb5f41e96e618b15facde34fedfda01baf96d02607cdf4f854d84b1547eb1"


def test_worlds_are_the_same_byte_for_byte() -> None:
    text = "".join(write_plan(world(1, number, SPACE)) for number in range(40))
    assert hashlib.sha256(text.encode()).hexdigest() == GOLDEN


def test_without_a_fault_no_outcome_is_open() -> None:
    for number in range(200):
        plan = world(3, number, SPACE)
        if not any(isinstance(step, Fault) for step in plan.steps):
            assert fates(plan).open == 0, plan.name


def test_space_of_a_bare_profile_is_empty() -> None:
    with pytest.raises(EmptySpaceError, match="declares no connector"):
        world(1, 0, offered(Profile(name="bare")))


def test_thingsboard_alone_makes_worlds() -> None:
    profile = load_profile(None)
    features = profile.features.model_copy(update={"http": False, "widgelix": False})
    space = offered(profile.model_copy(update={"features": features}))
    plain = {one.name: one.default for one in space}
    made = world(1, 0, space, {**plain, "beside": "mqtt"})
    assert [one.to for one in made.connections.values()] == ["mqtt"]
    assert not any(isinstance(step, Restart) for step in made.steps)
