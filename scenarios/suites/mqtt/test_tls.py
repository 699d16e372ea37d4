"""Login and TLS: who the forwarder is to the broker, and which broker it speaks to."""

from typing import Any

import pytest

from uplab.scenarios import Lab, LabDevice
from uplab.scenarios.lab.false_hosts import EXPIRED, UNKNOWN_AUTHORITY, WRONG_HOST
from uplab.scenarios.lab.witness import broker_body
from uplab.scenarios.suites.common.destination import telling
from uplab.scenarios.suites.mqtt.conftest import UPLINKS

pytestmark = pytest.mark.needs("mqtt")

SECURE = {"hostName": "broker.uplab.test:8883", "protocol": "SSL"}


def expect_nothing(lab: Lab, *devices: LabDevice) -> None:
    """No uplink arrives at the broker, nor where nobody may be trusted."""
    lab.barrier(*devices)
    places = [
        f"{event.facts.get('fake')} {event.facts.get('topic') or event.facts.get('url')}"
        for event in lab.history.events
        if event.hop in ("destination.published", "destination.arrived") and event.facts["fake"] != "witness"
    ]
    lab.expect("nothing is sent", places == [], places)


@pytest.mark.needs("states")
@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"password": "not the password"}, id="password"),
        pytest.param({"username": "nobody"}, id="username"),
        pytest.param({"username": "uplab-certificate"}, id="no-certificate"),
    ],
)
@pytest.mark.requirement("MQTT-06.a")
def test_refused_login_is_authentication_failed(lab: Lab, device: LabDevice, wrong: dict[str, Any]) -> None:
    """CONNACK 4 and 5 lead to AUTHENTICATION_FAILED, and to no data."""
    connection = lab.connect(broker_body(**wrong), UPLINKS, device, state=None)
    connection.wait_for_state("AUTHENTICATION_FAILED", proves="MQTT-06.a")
    device.send()
    expect_nothing(lab, device)


@pytest.mark.needs("tls")
@pytest.mark.requirement("MQTT-06.b")
def test_client_certificate_is_shown_beside_the_login(lab: Lab, devices: list[LabDevice]) -> None:
    """A user that needs a certificate gets in with it, and its uplinks arrive."""
    certificate, key = lab.client_certificate()
    secret = {"username": "uplab-certificate", "certificate": certificate, "privateKey": key}
    connection = lab.connect(broker_body(**SECURE, **secret), UPLINKS, *devices)
    sent = [device.send() for device in devices]
    lab.await_delivery(sent, connection.route)
    lab.judge_delivery(sent, connection)


@pytest.mark.needs("tls", "events")
@pytest.mark.requirement("MQTT-06.b")
def test_expired_client_certificate_is_told_in_an_event(lab: Lab, device: LabDevice) -> None:
    """One that ended yesterday opens nothing; an event says so, and others go on."""
    certificate, key = lab.client_certificate(expired=True)
    secret = {"username": "uplab-certificate", "certificate": certificate, "privateKey": key}
    connection = lab.connect(broker_body(**SECURE, **secret), UPLINKS, device, state=None)
    telling(lab, connection, "certificate", among=("expired", "refused", "alert"))
    device.send()
    expect_nothing(lab, device)


@pytest.mark.needs("tls", "names", "states")
@pytest.mark.parametrize("host", [UNKNOWN_AUTHORITY, WRONG_HOST, EXPIRED])
@pytest.mark.requirement("MQTT-07.a")
def test_broker_that_cannot_be_verified_gets_nothing(lab: Lab, device: LabDevice, host: str) -> None:
    """An unknown authority, another host's certificate and one that has expired: no uplink leaves."""
    body = broker_body(hostName=f"{host}:8883", protocol="SSL")
    connection = lab.connect(body, UPLINKS, device, state=None)
    connection.wait_for_state("UNREACHABLE", "CLOSED", "CLOSING", proves="MQTT-07.a")
    device.send()
    expect_nothing(lab, device)


@pytest.mark.needs("tls", "states")
@pytest.mark.requirement("MQTT-07.b")
def test_own_authority_is_trusted_and_no_other(lab: Lab, devices: list[LabDevice]) -> None:
    """With the lab's authority the connection opens; with another one it does not, and nothing is sent there."""
    ours = lab.ca_file.read_text()
    other, _ = lab.client_certificate()
    right = lab.connect(broker_body(**SECURE, trustedCaCertficate=ours), UPLINKS, *devices)
    wrong = lab.connect(
        broker_body(**SECURE, trustedCaCertficate=other, uplinkTopicPattern="wrong/{DevEUI}"),
        UPLINKS,
        *devices,
        state=None,
    )
    wrong.wait_for_state("UNREACHABLE", "CLOSED", "CLOSING", proves="MQTT-07.b")
    sent = [device.send() for device in devices]
    lab.await_delivery(sent, right.route)
    lab.judge_delivery(sent, right, proves="MQTT-07.b")
