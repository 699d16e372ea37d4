"""The witness of a barrier is reached by a connector that the profile has."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Literal

import pytest

from tests.scenarios import small_forwarder
from tests.scenarios.history_lines import BIN, Story
from tests.scenarios.suite_runs import run_suite, write_suite
from uplab.scenarios.checks.deliveries import Route
from uplab.scenarios.checks.verdict import CheckUnknown
from uplab.scenarios.lab.device import Sent
from uplab.scenarios.lab.witness import (
    THINGSBOARD_WITNESS,
    AnyPath,
    no_downlink_seen,
    not_seen,
    queued_for,
    witness_for,
    witness_routes,
)
from uplab.scenarios.under_test.profile import Choices, Features, Profile
from uplab.scenarios.under_test.promise.tables import Transport


def profile(transport: Literal["mqtt", "rest", "both"] = "mqtt", **features: bool) -> Profile:
    return Profile(name="x", features=Features(**features), choices=Choices(thingsboard_transport=transport))


def test_http_where_there_is_http() -> None:
    body, route = witness_for(profile(http=True, thingsboard=True), 2)

    assert body["configuration"] == {"destinationURL": "http://witness.uplab.test/witness-2"}
    assert (route.fake, route.path) == ("witness", "/witness-2")


@pytest.mark.parametrize(("transport", "port"), [("mqtt", 1883), ("both", 1883), ("rest", 443)])
def test_thingsboard_where_there_is_nothing_else(transport: Literal["mqtt", "rest", "both"], port: int) -> None:
    body, route = witness_for(profile(transport, thingsboard=True), 1)

    assert body["connectorId"] == "actility-thingsboard-iot"
    assert body["configuration"]["hostName"] == f"witness.uplab.test:{port}"
    assert route.fake == THINGSBOARD_WITNESS


@pytest.mark.parametrize(("usual", "port"), [("mqtts", 8883), ("rest", 443), ("mqtt", 1883)])
def test_list_of_transports_goes_before_the_word(usual: Transport, port: int) -> None:
    told = Profile(name="x", features=Features(thingsboard=True), choices=Choices(thingsboard_transports=(usual,)))
    body, route = witness_for(told, 1)

    assert body["configuration"]["hostName"] == f"witness.uplab.test:{port}"
    assert isinstance(route, AnyPath) == (usual == "rest")


def test_broker_where_there_is_nothing_else() -> None:
    body, route = witness_for(profile(mqtt=True), 3)

    assert body["connectorId"] == "actility-mqtt-iot"
    assert body["configuration"]["uplinkTopicPattern"] == "uplab/witness-3/{DevEUI}"
    assert route.takes({"fake": "broker", "topic": "uplab/witness-3/20635F0108000E09"})
    assert not route.takes({"fake": "broker", "topic": "uplab/witness-4/20635F0108000E09"})


def test_no_witness_without_a_connector_of_its_kind() -> None:
    with pytest.raises(CheckUnknown, match="http, thingsboard or mqtt"):
        witness_for(profile(widgelix=True), 1)


MQTT_ONLY = """
name = "MQTT only"
[features]
api = true
flows = true
thingsboard = true
"""
SUITE = """
    import pytest

    def test_barrier(lab):
        device = lab.device()
        assert len(lab.barrier(device)) == 1
        lab.expect("the witness saw it", True, "it did")
"""


@pytest.mark.parametrize("transport", ["mqtt", "mqtts", "rest"])
def test_barrier_of_a_forwarder_without_http_comes_through(tmp_path: Path, transport: str) -> None:
    folder = write_suite(tmp_path, test_it=SUITE)
    text = f'{MQTT_ONLY}[choices]\nthingsboard_transports = ["{transport}"]\n'
    (folder / "mine.toml").write_text(text)

    ended = run_suite(folder, "--forwarder-profile", str(folder / "mine.toml"))

    assert ended.outcomes == {"barrier": "passed"}, ended.scenario("barrier")["message"]


HERE = Route("posthere", BIN)


def sent(story: Story, outcome: str = "accepted") -> Sent:
    id_ = story.sent(1, outcome=outcome)
    return Sent(id_, "", 1, "2026-01-01T00:00:01.000+00:00", None, None, outcome, 200, "")


def test_witness_that_has_all_says_nothing() -> None:
    story = Story()
    one = sent(story)
    story.delivered(1)

    assert not_seen(story.events, [one], HERE) is None


def test_what_was_accepted_and_not_seen_is_lost_by_the_forwarder() -> None:
    story = Story()
    one = sent(story)
    lost = not_seen(story.events, [one], HERE)

    assert lost is not None
    assert (lost.check, lost.outcome, lost.requirement, lost.hop) == ("none lost", "failed", None, "forwarder")
    at_the_witness = not_seen(story.events, [one], Route("witness", "/witness-1"))
    assert at_the_witness is not None
    assert at_the_witness.requirement == "HTTP-12.a"


@pytest.mark.parametrize("route", [HERE, AnyPath("ThingsBoard witness", "REST")])
def test_what_nobody_can_tell_is_unknown(route: Route) -> None:
    story = Story()
    one = sent(story, "refused")
    missed = not_seen(story.events, [one], route)

    assert missed is not None
    assert (missed.check, missed.outcome) == ("barrier", "unknown")
    assert missed.happened.startswith("the barrier did not come through, so silence proves nothing: ")


def test_downlink_of_a_barrier_is_that_of_its_device_after_a_mark() -> None:
    story = Story()
    story.tells("network.downlink", dev_eui="A")
    [event] = story.events

    assert [queued_for(dev_eui, mark, event) for dev_eui, mark in (("A", 0), ("A", event.seq), ("B", 0))] == [
        True,
        False,
        False,
    ]
    assert no_downlink_seen(404).happened.endswith("it was answered with 404")


LOSING = """
name = "losing"
contract = 2
settle_s = 0
[features]
api = true
flows = true
http = true
[deadlines]
delivery_s = 0.3
"""
GOES_ON = """
    def test_barrier(lab):
        lab.barrier(lab.device())
        lab.expect("what comes after it is judged", True, "it was")

    def test_silence(lab):
        lab.barrier(lab.device())
        lab.expect("what comes after it is judged", False, "and fails")
"""


def test_barrier_that_does_not_come_through_hides_nothing(tmp_path: Path) -> None:
    """The forwarder takes everything and delivers nothing: that is its failure, and so is what is seen afterwards."""
    folder = write_suite(tmp_path, test_it=GOES_ON)
    (folder / "losing.toml").write_text(LOSING)
    command = shlex.join([sys.executable, "-P", small_forwarder.__file__])

    ended = run_suite(folder, "--forwarder-command", command, "--forwarder-profile", str(folder / "losing.toml"))

    assert ended.outcomes == {"barrier": "failed", "silence": "failed"}
    judged = [[(v["check"], v["outcome"]) for v in one["verdicts"]] for one in ended.record["scenarios"]]
    assert judged == [
        [("none lost", "failed"), ("promise", "passed")],
        [("none lost", "failed"), ("promise", "failed")],
    ]


@pytest.mark.parametrize(
    ("features", "there"),
    [
        ({"http": True, "mqtt": True}, [Route("witness", "/witness-1"), Route("witness", "/witness-2")]),
        ({"mqtt": True}, [Route("broker", "uplab/witness-1/+"), Route("broker", "uplab/witness-2/+")]),
        ({"thingsboard": True}, [Route(THINGSBOARD_WITNESS, "v1/gateway/telemetry")] * 2),
        ({"widgelix": True}, []),
    ],
)
def test_witnesses_are_looked_for_where_the_profile_has_them(features: dict[str, bool], there: list[Route]) -> None:
    assert witness_routes(Profile(name="x", features=Features(**features)), 2) == there
