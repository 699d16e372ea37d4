"""What happens towards the end of a world."""

from __future__ import annotations

import pytest

from uplab.scenarios.under_test.profile import load_profile
from uplab.scenarios.worlds.drawing.compose import world
from uplab.scenarios.worlds.drawing.later import UNBOUND
from uplab.scenarios.worlds.oracle import fates
from uplab.scenarios.worlds.plan import Downlink, Pass, Plan
from uplab.scenarios.worlds.space.offered import offered

SPACE = offered(load_profile(None))


def drawn(**fixed: str) -> Plan:
    plain = {one.name: one.default for one in SPACE}
    return world(1, 0, SPACE, {**plain, **{name.replace("_", " "): value for name, value in fixed.items()}})


def test_hours_pass_on_a_clock_that_is_fast() -> None:
    made = drawn(hours="an hour and more")
    assert made.rate == 600
    [at] = [number for number, step in enumerate(made.steps) if isinstance(step, Pass)]
    assert [step.do for step in made.steps[at + 1 : at + 2]] == ["send"]


def test_device_of_no_flow_has_no_downlink() -> None:
    made = drawn(downlink_later="to one not bound")
    assert not any(UNBOUND in flow.devices for flow in made.flows)
    [answer] = fates(made).answers
    assert (answer.taken, answer.why) == (False, "the device is not bound to the connection")


@pytest.mark.parametrize(
    ("kind", "more", "taken"),
    [
        ("after its life", {"life": "delete"}, [False]),
        ("after its life", {"life": "new name"}, [True]),
        ("through another", {}, [True]),
        ("to each", {"devices": "3"}, [True, True, True]),
    ],
)
def test_downlinks_come_after_everything_else(kind: str, more: dict[str, str], taken: list[bool]) -> None:
    made = drawn(downlink_later=kind, **more)
    assert [one.taken for one in fates(made).answers] == taken
    through = {step.through for step in made.steps if isinstance(step, Downlink)}
    assert ("x" in through) is (kind != "through another")
