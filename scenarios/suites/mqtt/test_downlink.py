"""The MQTT page: a DevEUI_downlink document on a downlink topic goes to the device that it names."""

from typing import Any

import pytest

from uplab.scenarios import Lab, LabConnection, LabDevice, Station
from uplab.scenarios.lab.witness import broker_body
from uplab.scenarios.suites.mqtt.conftest import UPLINKS

pytestmark = pytest.mark.needs("mqtt", "downlinks")


def document(device: LabDevice, payload_hex: str, **fields: Any) -> dict[str, Any]:
    """A downlink for the device, with its numbers as texts, as the page shows it."""
    return {"DevEUI_downlink": {"DevEUI": device.dev_eui, "FPort": "8", "payload_hex": payload_hex, **fields}}


def handed_on(lab: Lab, count: int) -> None:
    """Waits until the network server has so many downlinks."""
    lab.history.wait_for(lambda e: e.hop == "network.downlink", count=count, timeout_s=lab.deadlines.downlink_s)


@pytest.mark.requirement("MQTT-08.a")
def test_downlink_on_the_device_s_topic_reaches_it(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], station: Station
) -> None:
    """The page's document, its numbers as texts, to mqtt/things/<DevEUI>/downlink."""
    first = devices[0]
    station.publish(f"mqtt/things/{first.dev_eui}/downlink", document(first, "9e1c48", Confirmed="1"))
    handed_on(lab, 1)
    for device in devices:
        device.send()
    lab.expect_downlinks({first: [(8, "9e1c48")]}, devices)


@pytest.mark.requirement("MQTT-08.b")
def test_one_topic_for_all_devices(lab: Lab, devices: list[LabDevice], station: Station) -> None:
    """Two downlinks on one topic: each reaches the device that it names."""
    lab.connect(broker_body(downlinkTopicPattern="mqtt/downlinks"), UPLINKS, *devices)
    for number, device in enumerate(devices[:2]):
        station.publish("mqtt/downlinks", document(device, f"0{number}"))
    handed_on(lab, 2)
    for device in devices:
        device.send()
    lab.expect_downlinks({devices[0]: [(8, "00")], devices[1]: [(8, "01")]}, devices)


@pytest.mark.parametrize("noise", [b"\xff\xfe", b"{", b"", b"[1]", b'{"other": 1}'])
@pytest.mark.requirement("MQTT-08.c")
def test_what_is_no_downlink_is_ignored(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], station: Station, noise: bytes
) -> None:
    """What comes after it is taken, and the link stays."""
    topic = f"mqtt/things/{devices[0].dev_eui}/downlink"
    station.publish(topic, noise)
    station.publish(topic, document(devices[0], "01"))
    handed_on(lab, 1)
    sent = [device.send() for device in devices]
    lab.expect_downlinks({devices[0]: [(8, "01")]}, devices)
    lab.await_delivery(sent, connection.route)
    lab.judge_delivery(sent, connection)


@pytest.mark.needs("replacing")
@pytest.mark.requirement("MQTT-08.a", "MQTT-02.a")
def test_after_a_put_downlinks_come_by_the_new_topic_alone(
    lab: Lab, devices: list[LabDevice], station: Station
) -> None:
    """What is published to the topic of before reaches nobody; to the new one it reaches its device, once."""
    connection = lab.connect(broker_body(downlinkTopicPattern="before/downlinks"), UPLINKS, *devices)
    connection.replace(broker_body(downlinkTopicPattern="after/downlinks"))
    # One that changes its subscription in the session that it has makes no other.
    lab.history.wait_for(lambda e: e.hop == "destination.connected", count=2, timeout_s=lab.deadlines.state_s)
    if lab.profile.features.states:
        connection.wait_for_state("OPENED")
    sent = [device.send() for device in devices]
    lab.await_delivery(sent, connection.route)

    station.publish("before/downlinks", document(devices[0], "0b"))
    station.publish("after/downlinks", document(devices[1], "0a"))
    handed_on(lab, 1)
    for device in devices:
        device.send()

    lab.expect_downlinks({devices[1]: [(8, "0a")]}, devices, proves="MQTT-08.a")
    lab.judge_delivery(sent, connection, proves="MQTT-02.a")
