"""widgelix.md, "Creating a Connection With API": what the connection's body must hold."""

from typing import Any

import pytest

from uplab.scenarios import Lab, LabConnection, LabDevice, example_body
from uplab.scenarios.suites.common.destination import attempt
from uplab.scenarios.suites.widgelix.account import Account, WidgelixDevice
from uplab.scenarios.suites.widgelix.conftest import ROUTE

pytestmark = pytest.mark.needs("widgelix", "api")


@pytest.mark.requirement("WGX-06", "WGX-13", "WGX-12")
def test_example_body_creates_the_connection(lab: Lab, body: dict[str, Any]) -> None:
    """The document's body, with the device's own token, is accepted; brand and description are kept."""
    created = attempt(lab, body)
    lab.expect_answer("the document's body answers 201", created, 201, proves="WGX-06")
    shown, example = lab.connect(body, ROUTE).read(), example_body("widgelix.md")
    kept = all(shown[key] == example[key] for key in ("name", "connectorId"))
    lab.expect("name and connectorId are as given", kept, shown, proves="WGX-06")
    lab.expect("the brand is as given", shown.get("brand") == example["brand"], shown, proves="WGX-12")
    description = shown["configuration"].get("description")
    kept = description == example["configuration"]["description"]
    lab.expect("the description is kept", kept, description, proves="WGX-13")


@pytest.mark.requirement("WGX-13")
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


@pytest.mark.requirement("WGX-08")
def test_nothing_is_delivered_after_delete(
    lab: Lab, connection: LabConnection, device: LabDevice, account: Account, widgelix_device: WidgelixDevice
) -> None:
    """After DELETE the device's later uplinks do not appear in Widgelix."""
    before = device.send()
    lab.await_delivery([before], connection.route)
    connection.delete()
    lab.barrier(device)

    lab.judge_delivery([before], connection)
    shown = account.messages(widgelix_device)
    lab.expect("Widgelix shows only what came before DELETE", len(shown) == 1, shown)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param(
            {"connectorId": "actility-mqtt-iot"},
            "connectorId",
            id="connectorId",
            marks=pytest.mark.requirement("WGX-09"),
        ),
        pytest.param(
            {"destinationURL": "https://app.widgelix.com/v2/input"},
            "destinationURL",
            id="destinationURL",
            marks=pytest.mark.requirement("WGX-10"),
        ),
        pytest.param(
            {"headers": {"X-Site": "A"}},
            "Authorization",
            id="no-Authorization",
            marks=pytest.mark.requirement("WGX-11"),
        ),
        pytest.param(
            {"headers": {"Authorization": ""}},
            "Authorization",
            id="empty-Authorization",
            marks=pytest.mark.requirement("WGX-01", "WGX-11"),
        ),
        pytest.param({"brand": "WIDGELIKS"}, "brand", id="brand", marks=pytest.mark.requirement("WGX-12")),
        pytest.param({"name": ""}, "name", id="no-name", marks=pytest.mark.requirement("WGX-01")),
    ],
)
def test_wrong_body_is_refused_by_field(lab: Lab, body: dict[str, Any], change: dict[str, Any], field: str) -> None:
    """A body that breaks the document's table answers 400 with a message that names the field."""
    for key, value in change.items():
        (body["configuration"] if key in ("destinationURL", "headers") else body)[key] = value

    refused = lab.api.create(body)

    lab.expect_answer(f"a wrong {field} answers 400", refused, 400)
    lab.expect(
        f"the message names {field}",
        field.lower() in str(refused.json().get("message", "")).lower(),
        refused.text[:300],
    )


@pytest.mark.requirement("WGX-07")
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


@pytest.mark.requirement("WGX-07", "WGX-13")
def test_put_without_an_optional_key_takes_its_default(
    lab: Lab, connection: LabConnection, body: dict[str, Any]
) -> None:
    """PUT replaces: a description that is not given again is gone, not merged in."""
    del body["configuration"]["description"]
    shown = connection.replace(body)
    lab.expect(
        "the old description is gone",
        not shown["configuration"].get("description"),
        shown["configuration"].get("description"),
    )
