"""The witness of a barrier is reached by a connector that the profile has."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from tests.scenarios.suite_runs import run_suite, write_suite
from uplab.scenarios.checks.verdict import CheckUnknown
from uplab.scenarios.lab.witness import THINGSBOARD_WITNESS, witness_for
from uplab.scenarios.under_test.profile import Choices, Features, Profile


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


@pytest.mark.parametrize("transport", ["mqtt", "rest"])
def test_barrier_of_a_forwarder_without_http_comes_through(tmp_path: Path, transport: str) -> None:
    folder = write_suite(tmp_path, test_it=SUITE)
    text = f'{MQTT_ONLY}[choices]\nthingsboard_transport = "{transport}"\n'
    (folder / "mine.toml").write_text(text)

    ended = run_suite(folder, "--forwarder-profile", str(folder / "mine.toml"))

    assert ended.outcomes == {"barrier": "passed"}, ended.scenario("barrier")["message"]
