"""The MQTT page, "Creating a connection with API": what the body must hold, what PUT changes, what is masked."""

from typing import Any

import pytest

from uplab.scenarios import Lab, LabConnection, LabDevice, Route
from uplab.scenarios.lab.witness import broker_body
from uplab.scenarios.suites.common.destination import attempt
from uplab.scenarios.suites.mqtt.conftest import UPLINKS

pytestmark = pytest.mark.needs("mqtt", "api")


@pytest.mark.requirement("MQTT-01.a")
def test_page_s_body_creates_the_connection(lab: Lab, body: dict[str, Any]) -> None:
    """The body answers 201, and is shown as it was given."""
    created = attempt(lab, body)
    lab.expect("the body answers 201", created.status_code == 201, f"{created.status_code} {created.text[:200]}")
    shown = lab.connect(body, UPLINKS).read()
    given = lab.addressed(body)["configuration"]
    different = {key for key, value in given.items() if shown["configuration"].get(key) != value}
    lab.expect("it is shown as it was given, but for the password", different <= {"password"}, shown["configuration"])


@pytest.mark.needs("validation")
@pytest.mark.parametrize(
    ("key", "value"),
    [
        *[(key, None) for key in ("uplinkTopicPattern", "hostName", "protocol")],
        ("hostName", "broker.uplab.test"),
        ("hostName", "tcp://broker.uplab.test:1883"),
        ("uplinkTopicPattern", "mqtt/#"),
        ("uplinkTopicPattern", "mqtt/{DevEUI"),
        ("downlinkTopicPattern", "mqtt/#/downlink"),
        ("actionTimeout", 10_001),
        ("connectionTimeout", 0),
    ],
)
@pytest.mark.requirement("MQTT-01.b")
def test_wrong_body_is_refused_by_field(lab: Lab, body: dict[str, Any], key: str, value: Any) -> None:
    """A missing or wrong parameter answers 400 with a message that names it."""
    body["configuration"].pop(key) if value is None else body["configuration"].update({key: value})
    lab.expect_answer(f"a wrong {key} answers 400 and names it", attempt(lab, body), 400, names=key)


@pytest.mark.needs("validation")
@pytest.mark.parametrize("protocol", ["WSS", "ssl", "MQTT"])
@pytest.mark.requirement("MQTT-01.c")
def test_protocol_that_is_not_there_is_refused_by_its_name(lab: Lab, body: dict[str, Any], protocol: str) -> None:
    """WSS may be built; what is not is refused, and never taken for something else."""
    body["configuration"]["protocol"] = protocol
    answer = attempt(lab, body)
    if protocol == "WSS" and answer.status_code == 201:
        pytest.skip("this forwarder speaks WSS")
    lab.expect_answer(f"the protocol {protocol} is refused", answer, 400, names="protocol")


@pytest.mark.needs("replacing")
@pytest.mark.requirement("MQTT-02.a")
def test_after_a_put_uplinks_go_by_the_new_pattern(lab: Lab, body: dict[str, Any], devices: list[LabDevice]) -> None:
    """What is sent after the PUT arrives at the new topics, and at no old one."""
    connection = lab.connect(body, UPLINKS, *devices)
    before = [device.send() for device in devices]
    lab.await_delivery(before, connection.route)

    connection.replace(broker_body(uplinkTopicPattern="other/{DevEUI}"))
    connection.route = Route("broker", "other/+")
    after = [device.send() for device in devices]
    lab.await_delivery(after, connection.route)
    lab.judge_delivery(after, connection)


@pytest.mark.needs("replacing", "tls")
@pytest.mark.requirement("MQTT-02.b")
def test_secrets_are_masked_and_kept(lab: Lab, body: dict[str, Any], device: LabDevice) -> None:
    """GET shows asterisks; a PUT of what GET shows changes nothing, and the connection still delivers."""
    certificate, key = lab.client_certificate()
    secret = {"username": "uplab-certificate", "certificate": certificate, "privateKey": key}
    place = {"hostName": body["configuration"]["hostName"].replace("1883", "8883"), "protocol": "SSL"}
    connection = lab.connect(broker_body(**place, **secret), UPLINKS, device)
    masked = ("password", "certificate", "privateKey")
    shown = connection.read()
    lab.expect(
        "password, certificate and privateKey are asterisks",
        all(shown["configuration"].get(name) == "*****" for name in masked),
        {name: str(shown["configuration"].get(name))[:20] for name in masked},
    )
    connection.replace({name: shown[name] for name in ("connectorId", "name", "configuration")})
    connection.wait_for_state("OPENED") if lab.profile.features.states else None
    sent = device.send()
    lab.await_delivery([sent], connection.route)
    lab.judge_delivery([sent], connection)


def test_connection_without_a_downlink_topic_delivers(lab: Lab, device: LabDevice) -> None:
    """downlinkTopicPattern and the login's certificates are not mandatory."""
    body = broker_body()
    del body["configuration"]["downlinkTopicPattern"]
    connection: LabConnection = lab.connect(body, UPLINKS, device)
    sent = device.send()
    lab.await_delivery([sent], connection.route)
    lab.judge_delivery([sent], connection, proves="MQTT-01.a")
