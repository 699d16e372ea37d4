"""What the documents tell a user to do at the services themselves: Widgelix, ThingsBoard, the bin, over their pages."""

import io
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from uplab.scenarios import Lab, LabDevice, Route
from uplab.scenarios.lab.addresses import POSTHERE_HOST, THINGSBOARD_HOST, WIDGELIX_HOST
from uplab.scenarios.suites.common.destination import connect_bin
from uplab.scenarios.suites.pages.conftest import At
from uplab.scenarios.suites.pages.visitor import Visitor
from uplab.scenarios.suites.widgelix.conftest import ROUTE, body_of

pytestmark = pytest.mark.needs("api")

TELEMETRY = Route("thingsboard", "v1/gateway/telemetry")
KEYS = "Keys (comma between them; a table without any shows all)"


def log_in(visitor: Visitor, fields: dict[str, str], button: str) -> None:
    """Fills in the login of a service, and follows its button."""
    for label, value in fields.items():
        visitor.fill(label, value)
    visitor.go(button)


@pytest.mark.needs("widgelix", "downlinks")
@pytest.mark.requirement("WGX-02.c", "WGX-15.b", "WGX-15.e", "WGX-16.b", "WGX-18.c", "WGX-19.b")
def test_widgelix_is_set_up_and_read_on_its_pages(lab: Lab, at: At, device: LabDevice) -> None:
    """Log in, a device type, Add Device, Settings: token, downlink URL and port, a downlink, the report of a field."""
    # Given the device, made as the document tells it
    visitor = at(WIDGELIX_HOST)
    log_in(visitor, {"E-mail address": "demo@widgelix.example", "Password": "demo"}, "Log in")
    visitor.go("Device Types")
    visitor.unfold("+ Create")
    visitor.fill("Name", "Hall sensor")
    visitor.fill("Fields", "temperature = codec\nhumidity = codec")
    visitor.go("Create", "Devices")
    visitor.unfold("+ Add Device")
    visitor.fill("Name", device.name)
    visitor.fill("Device Id", device.dev_eui)
    visitor.choose("Type", "Hall sensor")
    visitor.go("Add", "Devices", device.name, "Settings")

    # When its token is generated there, and given to the connection
    visitor.go("Generate Access Token")
    token = visitor.value("Access Token")
    lab.expect_seen(
        "the page shows the new token", token, {"empty": False}, "the field is empty", hop="page", proves="WGX-02.c"
    )
    connection = lab.connect(body_of(token), ROUTE, device)
    sent = [device.send(temperature_c=21.5)]
    lab.await_delivery(sent, connection.route)
    lab.judge_delivery(sent, connection, proves="WGX-02.c")

    # Then URL and port are taken in Connectivity, and a downlink from the device's page arrives
    url = connection.downlink_url
    visitor.fill("Downlink URL", url)
    visitor.fill("Port", "5")
    visitor.go("Save")
    kept = (visitor.value("Downlink URL"), visitor.value("Port"))
    lab.expect_seen("Connectivity keeps URL and port", kept, {"is": (url, "5")}, hop="page", proves="WGX-18.c")
    visitor.go("Downlinks")
    visitor.fill("Payload", "3e0101")
    visitor.go("Send")
    lab.history.wait_for(lambda e: e.hop == "network.downlink", timeout_s=lab.deadlines.downlink_s)
    sent.append(device.send(temperature_c=-3.4))
    lab.await_delivery(sent, connection.route)
    lab.expect_downlinks({device: [(5, "3e0101")]}, [device], proves="WGX-19.b")

    # And the report of Settings holds both, for the field that is chosen there; later messages are seen too
    visitor.go("Settings")
    visitor.tick("humidity")
    file = CalamineWorkbook.from_filelike(io.BytesIO(visitor.download("Get Report")))
    rows = file.get_sheet_by_index(0).to_python()
    found = [row[1] for row in rows[1:]]
    lab.expect_seen(
        "the file holds what was measured", found, {"is": [21.5, -3.4]}, rows, hop="page", proves="WGX-15.b"
    )
    both = [row[2] for row in rows[1:]]
    humid = [one.readings.humidity_pct for one in sent]
    lab.expect_seen("and the other field that was chosen", both, {"near": humid}, rows, hop="page", proves="WGX-15.e")
    visitor.go("History")
    visitor.expect_seen("the history shows the later message too", "-3.4", within="table", proves="WGX-16.b")


@pytest.mark.needs("thingsboard", "drivers", "names")
@pytest.mark.requirement("TB-11.c", "TB-11.d", "TB-02.c")
def test_thingsboard_is_set_up_and_read_on_its_pages(
    lab: Lab, at: At, devices: list[LabDevice], thingsboard_body: dict[str, Any]
) -> None:
    """Log in, Domain, Register domain; Dashboards, a widget for a device: its values, live, and no other's."""
    if "mqtt" not in lab.profile.choices.transports:
        pytest.skip(f"the profile {lab.profile.name} reaches ThingsBoard over {lab.transport} only")
    # Given a domain that was registered on the page
    visitor = at(THINGSBOARD_HOST)
    log_in(visitor, {"Username (email)": "tenant@thingsboard.org", "Password": "tenant"}, "Login")
    visitor.go("Domain")
    visitor.press("Register domain")
    visitor.fill("Name", THINGSBOARD_HOST)
    visitor.press("Register")
    visitor.expect_seen("the domain is listed", THINGSBOARD_HOST, within="#domains", proves="TB-02.c")
    thingsboard_body["configuration"]["hostName"] = f"{THINGSBOARD_HOST}:1883"
    connection = lab.connect(thingsboard_body, TELEMETRY, *devices)
    one, other = devices[:2]
    sent = [one.send(temperature_c=19.5), other.send(temperature_c=30.5)]
    lab.await_delivery(sent, connection.route)

    # When a dashboard gets a widget for one of the devices
    visitor.go("Dashboards")
    visitor.press("Add dashboard")
    visitor.fill("Name", "Halls")
    visitor.go("Add")
    visitor.press("Add widget")
    visitor.fill("Device", one.dev_eui)
    visitor.fill(KEYS, "temperature,humidity")
    visitor.press("Add")

    # Then it shows that device's values, and changes with its next uplink, and not with the other's
    card = f'[data-device="{one.dev_eui}"]'
    visitor.expect_seen("the widget shows the device's value", "19.5", within=card, proves="TB-11.c")
    sent += [other.send(temperature_c=31.5), one.send(temperature_c=22.5)]
    lab.await_delivery(sent, connection.route)
    lab.judge_telemetry(sent, connection)
    visitor.expect_seen("the widget changes with the next uplink", "22.5", within=card, proves="TB-11.d")
    shown = visitor.text_of(card)
    foreign = [value for value in ("30.5", "31.5", "19.5") if value in shown]
    lab.expect_seen("nothing else stands there", foreign, {"empty": True}, shown, hop="page", proves="TB-11.d")


@pytest.mark.needs("http")
@pytest.mark.requirement("HTTP-12.d")
def test_page_of_the_bin_shows_the_next_uplink_as_it_comes(lab: Lab, at: At, device: LabDevice) -> None:
    """The page that is open shows what came before, and without being loaded anew what comes then."""
    connection = connect_bin(lab, "/live", device)
    sent = [device.send(temperature_c=19.5)]
    lab.await_delivery(sent, connection.route)
    visitor = at(POSTHERE_HOST, "/live")
    payloads = [(sent[0].document or {})["DevEUI_uplink"]["payload_hex"]]
    visitor.expect_seen("the page shows the first uplink", payloads[0], proves="HTTP-12.d")

    sent.append(device.send(temperature_c=22.5))
    lab.await_delivery(sent, connection.route)
    payloads.append((sent[1].document or {})["DevEUI_uplink"]["payload_hex"])
    visitor.expect_seen("the page shows the next one as it comes", payloads[1], proves="HTTP-12.d")
    lab.judge_delivery(sent, connection)
