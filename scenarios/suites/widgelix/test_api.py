"""widgelix.md, "Creating a Connection With API": what the connection's body must hold."""

import copy
from typing import Any

import pytest

from uplab.fakes.faults import Always, Fault, Status
from uplab.scenarios import Faults, Lab, LabConnection, LabDevice, WidgelixAccount, WidgelixDevice, example_body
from uplab.scenarios.suites.common.deletion import judge_waiting_at_delete
from uplab.scenarios.suites.common.destination import attempt, wait_until_open
from uplab.scenarios.suites.common.replacing import expect_defaults, expect_gone, expect_mandatory, optional
from uplab.scenarios.suites.widgelix.conftest import ROUTE

pytestmark = pytest.mark.needs("widgelix")


@pytest.mark.needs("api")
@pytest.mark.requirement("WGX-06", "WGX-13.b", "WGX-12.b")
def test_example_body_creates_the_connection(lab: Lab, body: dict[str, Any]) -> None:
    """The document's body, with the device's own token, is accepted; brand and description are kept."""
    created = attempt(lab, body)
    lab.expect_answer("the document's body answers 201", created, 201, proves="WGX-06")
    shown, example = lab.connect(body, ROUTE).read(), lab.addressed(example_body("widgelix.md"))
    kept = all(shown[key] == example[key] for key in ("name", "connectorId"))
    lab.expect("name and connectorId are as given", kept, shown, proves="WGX-06")
    lab.expect_seen("the brand is as given", shown.get("brand"), {"is": example["brand"]}, shown, proves="WGX-12.b")
    description = shown["configuration"].get("description")
    kept = description == example["configuration"]["description"]
    lab.expect("the description is kept", kept, description, proves="WGX-13.b")


@pytest.mark.needs("api")
@pytest.mark.requirement("WGX-13.a")
def test_description_may_be_left_out(lab: Lab, body: dict[str, Any]) -> None:
    """configuration/description is optional."""
    del body["configuration"]["description"]
    created = lab.api.create(body)
    lab.api.delete(created.json().get("id", "none"))
    lab.expect_answer(
        "a body without description answers 201",
        created,
        201,
    )


@pytest.mark.needs("deleting")
@pytest.mark.requirement("WGX-08.b", "WGX-08.a")
def test_nothing_is_delivered_after_delete(
    lab: Lab, connection: LabConnection, device: LabDevice, account: WidgelixAccount, widgelix_device: WidgelixDevice
) -> None:
    """After DELETE the device's later uplinks do not appear in Widgelix."""
    before = device.send()
    lab.await_delivery([before], connection.route)
    connection.delete()
    lab.barrier(device)

    lab.judge_delivery([before], connection)
    shown = account.messages(widgelix_device)
    lab.expect_seen("Widgelix shows only what came before DELETE", len(shown), {"is": 1}, shown)
    expect_gone(lab, connection, proves="WGX-08.a")


@pytest.mark.needs("api")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param(
            {"connectorId": "actility-aws-iot"},
            "connectorId",
            id="connectorId",
            marks=pytest.mark.requirement("WGX-09", "COM-20.g"),
        ),
        pytest.param(
            {"destinationURL": "https://app.widgelix.com/v2/input"},
            "destinationURL",
            id="destinationURL",
            marks=pytest.mark.requirement("WGX-10.a", "COM-20.g"),
        ),
        pytest.param(
            {"destinationURL": "https://widgelix.example/v1/input-node/actility"},
            "destinationURL",
            id="other-host",
            marks=pytest.mark.requirement("WGX-10.b", "COM-20.g"),
        ),
        pytest.param(
            {"destinationURL": "https://app.widgelix.com:8443/v1/input-node/actility"},
            "destinationURL",
            id="other-port",
            marks=pytest.mark.requirement("WGX-10.c", "COM-20.g"),
        ),
        pytest.param(
            {"destinationURL": "http://app.widgelix.com/v1/input-node/actility"},
            "destinationURL",
            id="http",
            marks=pytest.mark.requirement("WGX-10.c", "COM-20.g"),
        ),
        pytest.param(
            {"headers": None}, "Authorization", id="no-headers", marks=pytest.mark.requirement("WGX-11.b", "COM-20.g")
        ),
        pytest.param(
            {"headers": {"X-Site": "A"}},
            "Authorization",
            id="no-Authorization",
            marks=pytest.mark.requirement("WGX-11.a", "COM-20.g"),
        ),
        pytest.param(
            {"headers": {"Authorization": ""}},
            "Authorization",
            id="empty-Authorization",
            marks=pytest.mark.requirement("WGX-01.b", "COM-20.g"),
        ),
        pytest.param(
            {"brand": "WIDGELIKS"}, "brand", id="brand", marks=pytest.mark.requirement("WGX-12.a", "COM-20.g")
        ),
        pytest.param({"name": ""}, "name", id="no-name", marks=pytest.mark.requirement("WGX-01.a", "COM-20.g")),
    ],
)
@pytest.mark.needs("validation")
def test_wrong_body_is_refused_by_field(lab: Lab, body: dict[str, Any], change: dict[str, Any], field: str) -> None:
    """A body that breaks the document's table answers 400 with a message that names the field."""
    for key, value in change.items():
        (body["configuration"] if key in ("destinationURL", "headers") else body)[key] = value
    if body["configuration"]["headers"] is None:
        del body["configuration"]["headers"]

    refused = lab.api.create(body)

    lab.expect_answer(f"a wrong {field} answers 400", refused, 400)
    lab.expect_seen(
        f"the message names {field}",
        str(refused.json().get("message", "")).lower(),
        {"holds": field.lower()},
        refused.text[:300],
    )
    lab.expect_shown("a refusal has a code", refused, {"/code": {"there": True}}, proves="COM-20.g")


@pytest.mark.needs("api")
@pytest.mark.requirement("WGX-07.a")
@pytest.mark.needs("validation")
def test_put_without_the_key_keeps_the_old_configuration(
    lab: Lab, connection: LabConnection, body: dict[str, Any], device: LabDevice, widgelix_device: WidgelixDevice
) -> None:
    """PUT without Authorization answers 400, and the next uplink still carries the old key."""
    body["configuration"]["headers"] = {}
    refused = lab.api.replace(connection.id, body)
    lab.expect_answer(
        "PUT without Authorization answers 400",
        refused,
        400,
    )

    sent = device.send()
    lab.await_delivery([sent], connection.route)
    lab.judge_delivery([sent], connection, {"Authorization": lambda _: f"Bearer {widgelix_device.access_token}"})


@pytest.mark.needs("replacing")
@pytest.mark.requirement("WGX-07.b")
@pytest.mark.needs("validation")
def test_put_without_any_other_mandatory_key_changes_nothing(
    lab: Lab, connection: LabConnection, body: dict[str, Any], device: LabDevice, widgelix_device: WidgelixDevice
) -> None:
    """Without name, brand, connectorId, destinationURL or headers PUT answers 400, and uplinks go on with the key."""
    paths = ("name", "brand", "connectorId", "configuration/destinationURL", "configuration/headers")
    expect_mandatory(lab, connection, body, *paths, proves="WGX-07.b")

    sent = device.send()
    lab.await_delivery([sent], connection.route)
    lab.judge_delivery([sent], connection, {"Authorization": lambda _: f"Bearer {widgelix_device.access_token}"})


@pytest.mark.needs("replacing")
@pytest.mark.requirement("WGX-11.c", "WGX-07.d", "WGX-07.e")
def test_put_takes_back_a_further_header_and_every_option(
    lab: Lab, connection: LabConnection, body: dict[str, Any], device: LabDevice
) -> None:
    """A further header reaches Widgelix until PUT leaves it out; so does every option take its default."""
    plain = copy.deepcopy(body)
    body["configuration"]["headers"]["X-Site"] = "BuildingA"
    connection.replace(body)
    wait_until_open(lab, connection)
    sent = [device.send()]
    lab.await_delivery(sent, connection.route)
    lab.judge_delivery(sent, connection, {"X-Site": lambda _: "BuildingA"}, proves="WGX-11.c")

    connection.replace(optional(body))
    connection.replace(plain)
    wait_until_open(lab, connection)
    later = [device.send()]
    lab.await_delivery(later, connection.route)

    expect_defaults(lab, connection, plain, proves="WGX-07.d")
    lab.judge_delivery(later, connection, proves="WGX-07.d")
    arrived = [e for e in lab.history.events if e.hop == "destination.arrived" and later[0].id in e.ids]
    left = [value for e in arrived for name, value in e.facts["headers"] if name.lower() == "x-site"]
    lab.expect_seen("a header that is not given again is gone", left, {"empty": True}, proves="WGX-07.e")


@pytest.mark.needs("replacing", "deleting")
@pytest.mark.requirement("WGX-08.c")
def test_what_waits_is_dropped_with_delete(
    lab: Lab, faults: Faults, connection: LabConnection, body: dict[str, Any], device: LabDevice, soon: dict[str, Any]
) -> None:
    """Refused once and waiting for the next attempt: DELETE drops it."""
    body["configuration"] |= soon
    connection.replace(body)
    wait_until_open(lab, connection)
    faults.plan(Fault("refused", Always(), Status(503)), at=lab.widgelix)
    judge_waiting_at_delete(lab, faults, connection, device, soon, proves="WGX-08.c")


@pytest.mark.needs("replacing")
@pytest.mark.requirement("WGX-07.c")
def test_put_without_an_optional_key_takes_its_default(
    lab: Lab, connection: LabConnection, body: dict[str, Any]
) -> None:
    """PUT replaces: a description that is not given again is gone, not merged in."""
    del body["configuration"]["description"]
    shown = connection.replace(body)
    lab.expect_seen("the old description is gone", shown["configuration"].get("description"), {"empty": True})
