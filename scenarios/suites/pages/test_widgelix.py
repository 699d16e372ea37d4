"""widgelix.md, "Creating a Connection With UI": created and changed on the pages; the next uplink uses the key."""

import copy
from typing import Any

import pytest

from uplab.scenarios import Lab, LabDevice, WidgelixAccount, example_body
from uplab.scenarios.suites.pages.conftest import Made
from uplab.scenarios.suites.pages.visitor import Visitor
from uplab.scenarios.suites.widgelix.conftest import ROUTE

pytestmark = pytest.mark.needs("pages", "api", "widgelix", "flows")

NAME = str(example_body("widgelix.md")["name"])
URL = example_body("widgelix.md")["configuration"]["destinationURL"]


FORM = ("Applications", "Create", "View More Applications Type", "Widgelix")


def create(lab: Lab, visitor: Visitor, key: str) -> None:
    """Fills in the form and creates the application."""
    visitor.fill("Application Name", lab.named(NAME))
    visitor.fill("Widgelix Key", key)
    visitor.submit("Create")


@pytest.mark.requirement("WGX-03.a", "WGX-03.b", "WGX-04.a", "WGX-04.b", "WGX-10.d")
def test_created_application_delivers_with_its_key(lab: Lab, visitor: Visitor, device: LabDevice, made: Made) -> None:
    """The form asks for name and key only; the address is filled in, and Widgelix takes the uplink."""
    key = WidgelixAccount(lab.browser).add_device(device.dev_eui, device.name).access_token
    visitor.go(*FORM)
    visitor.expect_mandatory("Application Name", "Widgelix Key", proves="WGX-03.b")
    asked = visitor.offers("Destination URL")
    lab.expect_seen("the form does not ask for the address", asked, {"is": False}, hop="page", proves="WGX-10.d")

    create(lab, visitor, key)

    visitor.expect_notification(lab.named(NAME), "created", proves="WGX-04.a")
    visitor.expect_heading(lab.named(NAME), proves="WGX-04.b")
    connection = made(lab.named(NAME), ROUTE)
    stored = connection.read()["configuration"]["destinationURL"]
    lab.expect_seen("the destination URL is filled in", stored, {"is": URL}, proves="WGX-10.d")
    connection.wait_for_state("OPENED")
    connection.bind(device)
    sent = device.send()
    lab.await_delivery([sent], connection.route)
    lab.judge_delivery([sent], connection, {"Authorization": lambda _: f"Bearer {key}"})
    telling = sum(key in html for html in visitor.seen)
    lab.expect_seen("the key stands on no page", telling, {"is": 0}, f"on {telling} pages", hop="page")
    connection.unbind()


def body_of(key: str) -> dict[str, Any]:
    """The document's example with this key."""
    body = copy.deepcopy(example_body("widgelix.md"))
    body["configuration"]["headers"]["Authorization"] = f"Bearer {key}"
    return body


@pytest.mark.requirement("WGX-05.b", "WGX-05.a")
def test_next_uplink_uses_the_key_typed_on_the_page(lab: Lab, visitor: Visitor, device: LabDevice) -> None:
    """Edit, new value, Confirm, confirmation window, notification, for name and key; the next uplink obeys."""
    account = WidgelixAccount(lab.browser)
    widgelix_device = account.add_device(device.dev_eui, device.name)
    connection = lab.connect(body_of(widgelix_device.access_token), ROUTE, device)
    visitor.go("Applications")
    visitor.find(lab.named(NAME))
    new = account.new_token(widgelix_device.id)

    visitor.change("Widgelix Key", new)
    visitor.expect_notification("Widgelix Key", proves="WGX-05.a")
    visitor.change("Application Name", lab.named("renamed"))
    visitor.expect_notification(lab.named("renamed"), proves="WGX-05.a")
    connection.wait_for_state("OPENED")
    sent = device.send()
    lab.await_delivery([sent], connection.route)

    lab.judge_delivery([sent], connection, {"Authorization": lambda _: f"Bearer {new}"})
    name = connection.read()["name"]
    lab.expect_seen("the name is the new one", name, {"is": lab.named("renamed")})


@pytest.mark.needs("downlinks")
@pytest.mark.requirement("WGX-18.a", "WGX-18.b")
def test_downlink_url_stands_at_the_top_and_widgelix_takes_it(lab: Lab, visitor: Visitor, device: LabDevice) -> None:
    """The URL on the page is the connection's, above its settings; the Connectivity set-up of Widgelix accepts it."""
    account = WidgelixAccount(lab.browser)
    widgelix_device = account.add_device(device.dev_eui, device.name)
    connection = lab.connect(body_of(widgelix_device.access_token), ROUTE)
    visitor.go("Applications")
    visitor.find(lab.named(NAME))

    shown = visitor.downlink_url()

    lab.expect_seen("it is the connection's own", shown, {"is": connection.downlink_url}, hop="page")
    above = visitor.is_above(shown, "Edit Application Name")
    lab.expect_seen("it stands above the settings", above, {"is": True}, hop="page")
    answer = account.set_downlink(widgelix_device, shown, 5)
    taken = f"{shown}: {answer.status_code} {answer.text[:200]}"
    lab.expect_seen(
        "Connectivity takes URL and port", answer.status_code, {"is": 200}, taken, hop="Widgelix", proves="WGX-18.b"
    )
