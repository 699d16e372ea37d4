"""http.md, "Creating a Connection From UI": created, changed and bound on the pages; the uplinks obey."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from uplab.scenarios import Lab, LabDevice, Route, example_body
from uplab.scenarios.checks import checks
from uplab.scenarios.suites.pages.conftest import Made
from uplab.scenarios.suites.pages.visitor import Visitor

pytestmark = pytest.mark.needs("pages", "api", "http", "flows")

NAME = "my-http-application"
URL = str(example_body("http.md")["configuration"]["destinationURL"])
HEADERS: dict[str, str] = example_body("http.md")["configuration"]["headers"]
ROUTE = Route("posthere", urlsplit(URL).path)


FORM = ("Applications", "Create", "View More Applications Type", "HTTP")


def create(lab: Lab, visitor: Visitor) -> None:
    """Fills in the form and creates the application."""
    visitor.fill("Application Name", lab.named(NAME))
    visitor.fill("Destination URL", URL)
    visitor.fill_headers(HEADERS)
    visitor.fill("Description", "My HTTP Application")
    visitor.submit("Create")


def add_application(lab: Lab, visitor: Visitor, device: LabDevice) -> None:
    """Walks from Devices List to the device, and adds the application there."""
    visitor.go("Devices List")
    visitor.find(device.dev_eui)
    visitor.press("Add an application")
    visitor.choose("Application", lab.named(NAME))
    visitor.confirm()
    visitor.expect_notification("added", proves="HTTP-11.a")


@pytest.mark.smoke
@pytest.mark.requirement("HTTP-09.a", "HTTP-09.b", "HTTP-09.c", "HTTP-09.d", "HTTP-09.e", "DL-15.b")
def test_creating_ends_on_the_details_with_a_notification(
    lab: Lab, visitor: Visitor, device: LabDevice, made: Made
) -> None:
    """Applications, Create, View More Applications Type, HTTP, the form: notification, details, connection."""
    visitor.go(*FORM)
    visitor.expect_mandatory("Application Name", "Destination URL", proves="HTTP-09.d")

    create(lab, visitor)

    visitor.expect_notification(lab.named(NAME), "created", proves="HTTP-09.b")
    visitor.expect_heading(lab.named(NAME), proves="HTTP-09.c")
    typed = {"destinationURL": URL, "description": "My HTTP Application"}
    lab.expect_shown(
        "URL and description are stored as they were typed",
        lab.api.get(made(lab.named(NAME), ROUTE).id),
        {f"/configuration/{key}": {"is": value} for key, value in typed.items()},
        proves="HTTP-09.e",
    )
    if lab.profile.features.downlinks:
        connection = made(lab.named(NAME), ROUTE)
        connection.bind(device)
        url = visitor.downlink_url()
        lab.post_downlink(url, {"DevEUI": device.dev_eui, "FPort": 5, "payload_hex": "3e01"})
        device.send()
        lab.expect_downlinks({device: [(5, "3e01")]}, [device], proves="DL-15.b")
        connection.unbind()


@pytest.mark.requirement("HTTP-11.b", "HTTP-09.b", "HTTP-09.e", "HTTP-11.a", "HTTP-11.c")
def test_uplink_arrives_with_the_headers_typed_in_the_form(
    lab: Lab, visitor: Visitor, device: LabDevice, made: Made
) -> None:
    """Made and bound on the pages only: nothing is delivered before, and each uplink after that, with its headers."""
    visitor.go(*FORM)
    create(lab, visitor)
    visitor.expect_notification(lab.named(NAME), "created", proves="HTTP-09.b")
    connection = made(lab.named(NAME), ROUTE)
    visitor.go("Devices List")
    visitor.find(device.dev_eui)  # it was heard when it joined, and no flow names it yet
    before = [device.send(), *lab.barrier(device)]

    add_application(lab, visitor, device)
    sent = [device.send(), device.send()]
    lab.await_delivery(sent, connection.route)
    sent += lab.barrier(device)
    lab.await_delivery(sent, connection.route)

    wanted = {name: (lambda dev_eui, v=value: v.replace("{DevEUI}", dev_eui)) for name, value in HEADERS.items()}
    lab.judge_delivery(sent, connection, wanted, proves={"right headers": "HTTP-09.e"})
    early = [
        e
        for e in lab.history.events
        if e.hop == "destination.arrived" and connection.route.takes(e.facts) and set(e.ids) & {s.id for s in before}
    ]
    lab.expect_seen(
        "nothing is delivered before",
        early,
        {"empty": True},
        f"{len(early)} of {len(before)} arrived",
        proves="HTTP-11.c",
    )


@pytest.mark.requirement("HTTP-10.a", "HTTP-10.b")
def test_each_parameter_is_changed_and_the_next_uplink_obeys(lab: Lab, visitor: Visitor, device: LabDevice) -> None:
    """Edit, new value, Confirm, confirmation window, notification: for name, URL, headers and description."""
    connection = lab.connect(example_body("http.md") | {"name": NAME}, ROUTE, device)
    visitor.go("Applications")
    visitor.find(lab.named(NAME))
    other = "https://posthere.io/6317-4654-94db"

    visitor.change("Destination URL", other)
    visitor.expect_notification("Destination URL", proves="HTTP-10.a")
    visitor.change("Headers", {"X-Site": "BuildingB"})
    visitor.expect_notification("Headers", proves="HTTP-10.a")
    visitor.change("Description", "Moved")
    visitor.expect_notification("Description", proves="HTTP-10.a")
    visitor.change("Application Name", lab.named("renamed"))
    visitor.expect_notification(lab.named("renamed"), proves="HTTP-10.a")
    visitor.expect_heading(lab.named("renamed"), proves="HTTP-10.a")
    connection.route = Route("posthere", urlsplit(other).path)
    connection.wait_for_state("OPENED")
    sent = device.send()
    lab.await_delivery([sent], connection.route)

    lab.judge_delivery(
        [sent],
        connection,
        {"X-Site": lambda _: "BuildingB"},
        proves="HTTP-10.b",
    )
    gone = checks.WithoutHeaders(
        "headers that were removed are gone", [sent.id], connection.route, sorted(set(HEADERS) - {"X-Site"})
    )
    lab.judge_alone(gone, proves="HTTP-10.b")
    new = {"/configuration/description": {"is": "Moved"}}
    lab.expect_shown("the description is the new one", lab.api.get(connection.id), new, proves="HTTP-10.b")


@pytest.mark.requirement("HTTP-10.c")
def test_cancelled_change_changes_nothing(lab: Lab, visitor: Visitor) -> None:
    """Cancel in the confirmation window leaves everything as it was."""
    connection = lab.connect(example_body("http.md") | {"name": NAME}, ROUTE)
    visitor.go("Applications")
    visitor.find(lab.named(NAME))

    visitor.press("Edit Application Name")
    visitor.fill("Application Name", lab.named("renamed"))
    visitor.confirm()
    visitor.cancel_window()

    typed = visitor.value("Application Name")
    lab.expect_seen(
        "the typed name still stands in the field", typed, {"is": lab.named("renamed")}, hop="page", proves="HTTP-10.c"
    )
    visitor.open()
    old = {"/name": {"is": lab.named(NAME)}}
    lab.expect_shown("the name is the old one", lab.api.get(connection.id), old, proves="HTTP-10.c")


@pytest.mark.requirement("COM-02.b")
def test_name_with_markup_in_it_is_shown_as_it_was_typed(lab: Lab, visitor: Visitor) -> None:
    """In notification, heading and list a name stands letter for letter, whatever it would mean in HTML."""
    name = 'Hall <b id="x">4</b> & "west"'
    visitor.go(*FORM)
    visitor.fill("Application Name", name)
    visitor.fill("Destination URL", URL)
    visitor.submit("Create")

    visitor.expect_notification(name, "created", proves="COM-02.b")
    visitor.expect_heading(name, proves="COM-02.b")
    visitor.go("Applications")
    visitor.expect_seen("the list shows the name", name, proves="COM-02.b")


@pytest.mark.requirement("HTTP-09.f")
def test_cancelled_form_creates_nothing(lab: Lab, visitor: Visitor, names: Callable[[], list[str]]) -> None:
    """Cancel leaves the form, and no application was made."""
    before = names()
    visitor.go(*FORM)
    visitor.fill("Application Name", lab.named(NAME))
    visitor.fill("Destination URL", URL)
    visitor.go("Cancel")

    lab.expect_seen("the form is left", visitor.offers("Destination URL"), {"is": False}, hop="page")
    lab.expect_seen("nothing was created", names(), {"is": before}, hop="page", proves="HTTP-09.f")
