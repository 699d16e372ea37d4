"""The MQTT page, "How to test the MQTT connection": who subscribes to the uplink topics sees the uplinks."""

import pytest

from uplab.scenarios import Carries, Lab, LabConnection, LabDevice, Route, Sent, Station
from uplab.scenarios.checks import checks
from uplab.scenarios.lab.witness import broker_body
from uplab.scenarios.suites.common.destination import telling
from uplab.scenarios.suites.common.reports import uplink
from uplab.scenarios.suites.common.several import witness_routes
from uplab.scenarios.suites.mqtt.conftest import UPLINKS

pytestmark = pytest.mark.needs("mqtt")

PROVES = {
    "none lost": "MQTT-03.a",
    "none twice": "MQTT-03.a",
    "in order": "MQTT-03.a",
    "right place": "MQTT-03.a",
    "unaltered": "MQTT-03.b",
}


def expect_topics(lab: Lab, devices: list[LabDevice], sent: list[Sent], proves: str) -> None:
    """Each device's uplinks came to its own topic, and nowhere else but at a witness."""
    for device in devices:
        own = Route("broker", f"mqtt/things/{device.dev_eui}/uplink")
        ids = [one.id for one in sent if one.dev_eui == device.dev_eui]
        lab.judge_alone(checks.RightPlace(ids, own, witness_routes(lab)), proves=proves)


@pytest.mark.smoke
@pytest.mark.delivery
@pytest.mark.needs("form")
@pytest.mark.requirement("MQTT-03.a", "MQTT-03.b", "MQTT-03.c", "MQTT-04.a", "MQTT-05")
def test_subscriber_sees_exactly_the_uplinks_that_were_sent(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], station: Station
) -> None:
    """Every uplink is published once, whole and in order, to its device's topic; a subscriber gets them all."""
    station.subscribe(UPLINKS.path)

    sent = [device.send() for _ in range(2) for device in devices]
    lab.await_delivery(sent, connection.route)
    sent += lab.barrier(*devices)
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection, proves=PROVES)
    expect_topics(lab, devices, sent, "MQTT-04.a")
    published = [event.facts for event in lab.history.events if connection.route.takes(event.facts)]
    lab.expect(
        "each message has QoS 1 and is not retained",
        all((facts["qos"], facts["retain"]) == (1, False) for facts in published if "qos" in facts),
        [(facts["topic"], facts["qos"], facts["retain"]) for facts in published if "qos" in facts],
        proves="MQTT-05",
    )
    heard = station.hear(len(sent), UPLINKS.path)
    found = sorted((topic, one["DevEUI_uplink"]["FCntUp"]) for topic, one in heard)
    wanted = sorted((f"mqtt/things/{one.dev_eui}/uplink", one.f_cnt) for one in sent)
    lab.expect("the subscriber got exactly these", found == wanted, f"sent {wanted}, got {found}", proves="MQTT-03.c")


@pytest.mark.needs("jsonpath")
@pytest.mark.parametrize(
    ("pattern", "topic"),
    [
        pytest.param("sites/{CustomerData.name}/{FPort}", "sites/Hall 4/5", id="path"),
        pytest.param("sites/{$..CustomerData.tags[0]}", "sites/Paris:10e", id="jsonpath"),
        pytest.param("sites/{CustomerData.site|CustomerData.name|'none'}", "sites/Hall 4", id="alternative"),
        pytest.param("sites/{CustomerData.site|'none'}", "sites/none", id="text"),
    ],
)
@pytest.mark.requirement("MQTT-04.b")
def test_patterns_give_the_topic(lab: Lab, device: LabDevice, pattern: str, topic: str) -> None:
    """A path, a JSONPath, the first alternative that finds something, and a text at last."""
    connection = lab.connect(broker_body(uplinkTopicPattern=pattern), Route("broker", topic), device)
    sent = lab.post(uplink(device, FPort=5, CustomerData={"name": "Hall 4", "tags": ["Paris:10e", "b"]}))
    lab.await_delivery([sent], connection.route)
    lab.judge_delivery([sent], connection)


@pytest.mark.needs("patterns", "events")
@pytest.mark.parametrize("name", ["a/#", "+", "one+two"])
@pytest.mark.requirement("MQTT-04.c")
def test_topic_with_a_wildcard_is_published_to_by_nobody(lab: Lab, device: LabDevice, name: str) -> None:
    """The uplink is dropped with an event, and the next one goes on."""
    pattern, route = "sites/{CustomerData.name}", Route("broker", "sites/#")
    connection = lab.connect(broker_body(uplinkTopicPattern=pattern), route, device)
    wrong = lab.post(uplink(device, CustomerData={"name": name}))
    right = lab.post(uplink(device, CustomerData={"name": "Hall 4"}))
    lab.await_delivery([right], connection.route)

    lab.judge_delivery([right], connection)
    lab.judge_alone(checks.NoneArrives("the other one is not published", [wrong.id], connection.route))
    lab.expect("nobody was put out for it", not _closed(lab), _closed(lab))
    telling(lab, connection, "wildcard", dev_eui=device.dev_eui)


def _closed(lab: Lab) -> list[str]:
    ended = [event for event in lab.history.events if event.hop == "destination.closed"]
    return [event.facts["reason"] for event in ended if event.facts["fake"] == "broker"]


@pytest.mark.needs("drivers")
@pytest.mark.requirement("MQTT-03.b")
def test_decoded_payload_goes_along(lab: Lab, connection: LabConnection, devices: list[LabDevice]) -> None:
    """What a driver adds is in the message, as over HTTP."""
    sent = devices[0].send(temperature_c=21.5, humidity_pct=40)
    lab.await_delivery([sent], connection.route)
    lab.judge_delivery([sent], connection)
    decoded = {"/DevEUI_uplink/payload/temperature": {"is": 21.5}, "/DevEUI_uplink/payload/humidity": {"is": 40.0}}
    lab.judge_alone(Carries("payload holds what was measured", [sent.id], connection.route, decoded))
