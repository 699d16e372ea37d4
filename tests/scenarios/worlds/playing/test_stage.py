"""A world's bodies and places, without a lab."""

from tests.scenarios.worlds.playing.fake_stage import fake_stage
from tests.scenarios.worlds.small_world import small_world

CHANGE = {"do": "change", "connection": "x", "to": {"suffix": "/new"}}


def test_bodies_lead_to_places_of_this_world() -> None:
    stage = fake_stage(small_world(connections={"x": {"to": "http", "suffix": "/a?b=1"}, "y": {"to": "mqtts"}}))
    x, y = (stage.body(name, stage.plan.connections[name]) for name in ("x", "y"))
    assert x["configuration"]["destinationURL"] == "http://posthere.io/w1-x/a?b=1"
    assert y["configuration"]["hostName"] == "thingsboard.cloud:8883"
    assert "active" not in x
    assert [str(place) for place in stage.places()] == ["posthere /w1-x/a", "thingsboard v1/gateway/telemetry"]


def test_connection_is_what_the_steps_so_far_have_made_of_it() -> None:
    stage = fake_stage(small_world(CHANGE, {"do": "delete", "connection": "x"}))
    assert stage.now("x") == stage.plan.connections["x"]
    stage.at = 1
    assert str(getattr(stage.now("x"), "suffix", "")) == "/new"
    stage.at = 2
    assert stage.now("x") is None


def test_failures_put_deliveries_off_until_the_next_wait() -> None:
    fault = {"do": "fault", "connection": "y", "kind": "503", "times": 2}
    stage = fake_stage(small_world(fault, {"do": "wait"}, {"do": "wait"}))
    assert stage.delayed_s(1) == 2.0
    assert stage.delayed_s(2) == 0.0
