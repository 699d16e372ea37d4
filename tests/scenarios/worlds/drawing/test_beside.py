"""What happens beside the first connection happens at a connection of its own."""

import pytest

from uplab.scenarios.under_test.profile import load_profile
from uplab.scenarios.worlds.drawing.compose import world
from uplab.scenarios.worlds.plan import Change, Delete, Downlink, Fault, Plan
from uplab.scenarios.worlds.space.offered import offered

SPACE = offered(load_profile(None))


def drawn(**fixed: str) -> Plan:
    plain = {one.name: one.default for one in SPACE}
    return world(1, 0, SPACE, {**plain, **{name.replace("_", " "): value for name, value in fixed.items()}})


def test_trouble_is_mended_by_a_put() -> None:
    made = drawn(trouble_beside="mqtt: password")
    assert made.connections["t"].trouble == "password"
    [change] = [step for step in made.steps if isinstance(step, Change)]
    assert change.connection == "t"
    assert change.to is not None
    assert change.to.trouble is None


def test_failure_of_a_link_hurries_the_clock() -> None:
    assert drawn(fault_beside="mqtt: closed").rate == 600
    made = drawn(fault_beside="widgelix: 503")
    assert made.rate == 1
    assert [step.device for step in made.steps if isinstance(step, Fault)] == ["b"]  # bound to no other there


@pytest.mark.parametrize(("value", "by"), [("mqtt: command", "command"), ("broker: topic", "topic")])
def test_command_comes_by_its_link(value: str, by: str) -> None:
    [down] = [step for step in drawn(command=value).steps if isinstance(step, Downlink)]
    assert (down.by, down.through) == (by, "c")


def test_life_is_that_of_its_own_connection() -> None:
    [gone] = [step for step in drawn(life_beside="broker: delete").steps if isinstance(step, Delete)]
    assert gone.connection == "l"
