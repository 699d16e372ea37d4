"""A fault is planned where the world delivers, or for its own device where all worlds do."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.scenarios.worlds.small_world import small_world
from uplab.fakes.behaviour import Behaviour
from uplab.scenarios.checks.policy.declared import GENERATIONS
from uplab.scenarios.worlds.oracle import fates
from uplab.scenarios.worlds.plan import Connection, Fault
from uplab.scenarios.worlds.playing.failing import mend, plan_fault, policy_of, put_off_s


def profile(generation: Any) -> Any:
    """Of a forwarder of this generation."""
    return SimpleNamespace(policy=GENERATIONS[generation], choices=SimpleNamespace(failure_generation=generation))


BLAME, RESEND = profile("blame"), profile("strict-resend")
DEV = "20635F0106000001"


def lab() -> Any:
    """The fakes of a lab, and a loop that does at once what it is told."""
    fakes = {name: SimpleNamespace(behaviour=Behaviour()) for name in ("posthere", "widgelix", "thingsboard", "broker")}
    loop = SimpleNamespace(call=lambda work: work())
    return SimpleNamespace(**fakes, loop=loop, history=SimpleNamespace(emit=lambda *_: None))


@pytest.mark.parametrize(
    ("to", "kind", "path", "own", "other"),
    [
        ("https", "503", "/w1-x", {"kind": "request", "url": "/w1-x"}, {"kind": "request", "url": "/w2-x"}),
        ("broker", "closed", "w1-f/", {"kind": "publish", "topic": "w1-f/a"}, {"kind": "publish", "topic": "w2-f/a"}),
        (
            "mqtt",
            "closed",
            "v1/gateway/telemetry",
            {"kind": "publish", "topic": "v1/gateway/telemetry", "raw": b'{"20635F0106000001": [1]}'},
            {"kind": "publish", "topic": "v1/gateway/telemetry", "raw": b'{"20635F0106000002": [1]}'},
        ),
        (
            "widgelix",
            "401",
            "/v1/input-node/actility",
            {
                "kind": "request",
                "url": "/v1/input-node/actility",
                "raw": b'{"DevEUI_uplink": {"DevEUI": "20635F0106000001"}}',
            },
            {
                "kind": "request",
                "url": "/v1/input-node/actility",
                "raw": b'{"DevEUI_uplink": {"DevEUI": "20635F0106000002"}}',
            },
        ),
    ],
)
def test_only_this_world_s_delivery_fails_once(
    to: str, kind: str, path: str, own: dict[str, Any], other: dict[str, Any]
) -> None:
    made = lab()
    plan_fault(made, "w1 0", Fault(connection="x", kind=kind), to, path, DEV)
    fake = getattr(made, {"https": "posthere", "mqtt": "thingsboard"}.get(to, to))
    assert fake.behaviour.choose(other) is None
    assert fake.behaviour.choose(own) is not None
    assert fake.behaviour.choose(own) is None
    mend(made)
    assert fake.behaviour.faults == ()


def test_delay_is_that_of_what_failed_since_the_last_wait() -> None:
    fault = {"do": "fault", "connection": "y", "kind": "503", "times": 2}
    plan = small_world(fault, {"do": "send", "device": "a"}, {"do": "wait"}, {"do": "send", "device": "a"})
    assert put_off_s(plan, fates(plan), 2, BLAME) == 2.0
    assert put_off_s(plan, fates(plan), 4, BLAME) == 0.0


def test_put_that_mends_waits_for_the_blame_period() -> None:
    mended = {"do": "change", "connection": "x", "to": {"configuration": {"blamePeriod": 3}}}
    plan = small_world(mended, connections={"x": {"trouble": "nobody"}, "y": {}})
    assert put_off_s(plan, fates(plan), 1, BLAME) == 3.0


def test_what_hangs_is_awaited_as_long_as_the_policy_says() -> None:
    hang = {"do": "fault", "connection": "y", "kind": "hang"}
    plan = small_world(hang, {"do": "send", "device": "a"})
    assert put_off_s(plan, fates(plan), 2, BLAME) == 1.0 + BLAME.policy.timeout_s


@pytest.mark.parametrize(
    ("configuration", "policy", "attempts", "pause_s"),
    [
        ({}, BLAME, 0, 30.0),
        ({"blamePeriod": 2}, BLAME, 0, 2.0),
        ({}, RESEND, 1, 2.0),
        ({"strictMode": False}, RESEND, 1, 2.0),
        ({"strictMode": True}, RESEND, 4, 2.0),
    ],
)
def test_policy_of_a_connection_is_that_of_its_keys(
    configuration: dict[str, Any], policy: Any, attempts: int, pause_s: float
) -> None:
    found = policy_of(Connection(configuration=configuration), policy)
    assert (found.attempts, found.pause_s(1)) == (attempts, pause_s)


def test_answer_names_the_device_that_it_is_for() -> None:
    made = lab()
    plan_fault(made, "w1 0", Fault(connection="x", kind="a downlink as answer"), "https", "/w1-x", DEV)
    [fault] = made.posthere.behaviour.faults
    assert DEV.encode() in fault.action.body
