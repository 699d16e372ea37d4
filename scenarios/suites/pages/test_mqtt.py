"""The MQTT page, "Creating a connection from the UI": created on the pages, delivers; no secret is shown."""

import pytest

from uplab.scenarios import Lab, LabDevice
from uplab.scenarios.lab.witness import broker_body
from uplab.scenarios.suites.mqtt.conftest import UPLINKS
from uplab.scenarios.suites.pages.conftest import Made
from uplab.scenarios.suites.pages.visitor import Visitor

pytestmark = pytest.mark.needs("pages", "api", "mqtt", "flows", "states")

NAME = "Brokered application"
FORM = ("Connections", "Create", "ThingPark X IoT Flow", "MQTT")


@pytest.mark.requirement("MQTT-11")
def test_created_application_publishes_uplinks(lab: Lab, visitor: Visitor, device: LabDevice, made: Made) -> None:
    """Connections, Create, ThingPark X IoT Flow, MQTT, the form: notification, details, uplinks at the broker."""
    lab.loop.run(lab.broker.ready(), timeout_s=lab.deadlines.ready_s)
    given = broker_body()["configuration"]
    visitor.go(*FORM)
    visitor.expect_mandatory("Uplink Topic Pattern", "Host Name", "Protocol", proves="MQTT-11")

    visitor.fill("Application Name", lab.named(NAME))
    visitor.fill("Uplink Topic Pattern", given["uplinkTopicPattern"])
    visitor.fill("Downlink Topic Pattern", given["downlinkTopicPattern"])
    visitor.fill("Host Name", given["hostName"])
    visitor.choose("Protocol", given["protocol"])
    visitor.fill("Username", given["username"])
    visitor.fill("Password", given["password"])
    visitor.submit("Create")

    visitor.expect_notification(lab.named(NAME), "created", proves="MQTT-11")
    visitor.expect_heading(lab.named(NAME), proves="MQTT-11")
    connection = made(lab.named(NAME), UPLINKS)
    connection.wait_for_state("OPENED")
    connection.bind(device)
    sent = device.send()
    lab.await_delivery([sent], connection.route)
    lab.judge_delivery([sent], connection)
    connection.unbind()
