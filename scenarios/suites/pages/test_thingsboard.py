"""thingsboard.md, "Creating a Connection From UI": created and changed on the pages; the password is shown nowhere."""

import copy

import pytest

from uplab.scenarios import Lab, LabDevice, example_body
from uplab.scenarios.suites.pages.conftest import Made
from uplab.scenarios.suites.pages.visitor import Visitor
from uplab.scenarios.suites.thingsboard.conftest import TELEMETRY

pytestmark = pytest.mark.needs("pages", "api", "thingsboard", "flows", "states")

NAME = str(example_body("thingsboard.md")["name"])
HOST = f"{example_body('thingsboard.md')['configuration']['hostName'].partition(':')[0]}:1883"
USERNAME, PASSWORD = "tenant@thingsboard.org", "tenant"


FORM = ("Connections", "Create", "ThingPark X IoT Flow", "ThingsBoard")


def create(lab: Lab, visitor: Visitor, host: str, username: str, password: str) -> None:
    """Fills in the form and creates the application."""
    visitor.fill("Application Name", lab.named(NAME))
    visitor.fill("Domain Name", host)
    visitor.fill("Username", username)
    visitor.fill("Password", password)
    visitor.submit("Create")


@pytest.mark.requirement("TB-09.a", "TB-09.b", "TB-09.c", "TB-01.b")
def test_created_application_delivers_telemetry(lab: Lab, visitor: Visitor, device: LabDevice, made: Made) -> None:
    """Connections, Create, ThingPark X IoT Flow, ThingsBoard, the form: notification, details, telemetry."""
    visitor.go(*FORM)
    visitor.expect_mandatory("Domain Name", "Username", "Password", proves="TB-01.b")

    create(lab, visitor, HOST, USERNAME, PASSWORD)

    visitor.expect_notification(lab.named(NAME), "created", proves="TB-09.b")
    visitor.expect_heading(lab.named(NAME), proves="TB-09.c")
    connection = made(lab.named(NAME), TELEMETRY)
    connection.wait_for_state("OPENED")
    connection.bind(device)
    sent = device.send()
    lab.await_delivery([sent], connection.route)
    lab.judge_telemetry([sent], connection)
    connection.unbind()


@pytest.mark.requirement("TB-10.b", "TB-10.a")
def test_changed_parameters_let_telemetry_flow(lab: Lab, visitor: Visitor, device: LabDevice) -> None:
    """Domain name, user name and password are each put right on the page; then the connection opens and delivers."""
    body = copy.deepcopy(example_body("thingsboard.md"))
    body["configuration"] |= {"hostName": "other.example:1883", "password": lab.secrets.hex("wrong password")}
    connection = lab.connect(body, TELEMETRY, device, state=None)
    visitor.go("Applications")
    visitor.find(lab.named(NAME))

    visitor.change("Domain Name", HOST)
    visitor.expect_notification("Domain Name", proves="TB-10.a")
    visitor.change("Username", USERNAME)
    visitor.expect_notification("Username", proves="TB-10.a")
    connection.wait_for_state("AUTHENTICATION_FAILED")
    visitor.change("Password", PASSWORD)
    visitor.expect_notification("Password", proves="TB-10.a")
    connection.wait_for_state("OPENED")
    visitor.change("Application Name", lab.named("renamed"))
    visitor.expect_notification(lab.named("renamed"), proves="TB-10.a")
    connection.wait_for_state("OPENED")
    sent = device.send()
    lab.await_delivery([sent], connection.route)

    lab.judge_telemetry([sent], connection)


@pytest.mark.requirement("TB-17.b")
def test_password_stands_on_no_page(lab: Lab, visitor: Visitor, made: Made) -> None:
    """A refused form, the details, an open editor, the list, the device: the password is in the HTML of none."""
    password, other = lab.secrets.hex("typed password"), lab.secrets.hex("other password")

    visitor.go(*FORM)
    create(lab, visitor, "no-port", USERNAME, password)
    visitor.expect_refused_at("Domain Name", proves="TB-17.b")
    visitor.fill("Domain Name", HOST)
    visitor.fill("Password", password)
    visitor.submit("Create")
    visitor.expect_heading(lab.named(NAME), proves="TB-17.b")
    made(lab.named(NAME), TELEMETRY).wait_for_state("AUTHENTICATION_FAILED")
    visitor.reload()
    visitor.press("Edit Password")
    lab.expect_seen(
        "the editor does not begin with it", visitor.value("Password"), {"not": password}, "it does", hop="page"
    )
    visitor.fill("Password", other)
    visitor.confirm()
    visitor.proceed()
    visitor.expect_notification("Password", proves="TB-17.b")
    visitor.go("Applications", "Connections", "Devices List")
    visitor.look()

    leaks = [html[:80] for html in visitor.seen if password in html or other in html]
    lab.expect_seen(f"none of {len(visitor.seen)} pages holds the password", leaks, {"empty": True}, hop="page")
