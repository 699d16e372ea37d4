"""thingsboard.md, "Creating a Connection With API": what the connection's body must hold, and DELETE."""

from typing import Any

import pytest

from uplab.scenarios import Lab, LabConnection, LabDevice, example_body
from uplab.scenarios.suites.common.destination import attempt
from uplab.scenarios.suites.thingsboard.conftest import TELEMETRY

pytestmark = pytest.mark.needs("thingsboard", "api")


@pytest.mark.requirement("TB-03")
def test_example_body_creates_the_connection(lab: Lab, body: dict[str, Any]) -> None:
    """The document's body, verbatim and with a host and an account of one's own, is accepted."""
    example = example_body("thingsboard.md")
    for given in (example, body):
        created = attempt(lab, given)
        answer = f"{created.status_code} {created.text[:200]}"
        lab.expect("the document's body answers 201", created.status_code == 201, answer)
    shown = lab.connect(body, TELEMETRY).read()
    lab.expect(
        "name and connectorId are as given", all(shown[key] == example[key] for key in ("name", "connectorId")), shown
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        pytest.param("hostName", None, id="no-hostName", marks=pytest.mark.requirement("TB-01")),
        pytest.param("username", None, id="no-username", marks=pytest.mark.requirement("TB-01")),
        pytest.param("password", None, id="no-password", marks=pytest.mark.requirement("TB-01")),
        pytest.param("username", "", id="empty-username", marks=pytest.mark.requirement("TB-01")),
        pytest.param("hostName", "thingsboard.cloud", id="no-port", marks=pytest.mark.requirement("TB-07")),
        pytest.param("hostName", "https://thingsboard.cloud:443", id="scheme", marks=pytest.mark.requirement("TB-07")),
        pytest.param(
            "hostName", "thingsboard.cloud:99999", id="port-out-of-range", marks=pytest.mark.requirement("TB-07")
        ),
    ],
)
def test_wrong_body_is_refused_by_field(lab: Lab, body: dict[str, Any], key: str, value: str | None) -> None:
    """A missing or wrong key answers 400 with a message that names it."""
    body["configuration"].pop(key) if value is None else body["configuration"].update({key: value})
    refused = lab.api.create(body)
    lab.expect(f"a wrong {key} answers 400", refused.status_code == 400, f"{refused.status_code} {refused.text[:200]}")
    lab.expect(f"the message names {key}", key in refused.json().get("message", ""), refused.text[:200])


@pytest.mark.requirement("TB-06")
def test_unknown_connector_is_refused(lab: Lab, body: dict[str, Any]) -> None:
    """connectorId must be actility-thingsboard-iot."""
    body["connectorId"] = "actility-thingsboard"
    refused = lab.api.create(body)
    lab.expect_answer("another connectorId answers 400", refused, 400)


@pytest.mark.usefixtures("over_mqtt")
@pytest.mark.requirement("TB-05")
def test_nothing_is_delivered_after_delete(lab: Lab, connection: LabConnection, devices: list[LabDevice]) -> None:
    """After DELETE no message of the connection's devices reaches ThingsBoard."""
    before = [device.send() for device in devices]
    lab.await_delivery(before, connection.route)
    connection.delete()
    after = lab.barrier(*devices)

    lab.judge_telemetry(before, connection)
    late = [
        e
        for e in lab.history.events
        if e.hop == "destination.published" and TELEMETRY.takes(e.facts) and set(e.ids) & {one.id for one in after}
    ]
    lab.expect("nothing is published after DELETE", not late, f"{len(late)} messages")


@pytest.mark.usefixtures("over_mqtt")
@pytest.mark.requirement("TB-04")
def test_put_without_a_mandatory_key_changes_nothing(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], body: dict[str, Any]
) -> None:
    """PUT without the user name answers 400, and the old configuration goes on."""
    del body["configuration"]["username"]
    refused = lab.api.replace(connection.id, body)
    lab.expect_answer("PUT without username answers 400", refused, 400)
    sent = [device.send() for device in devices]
    lab.await_delivery(sent, connection.route)
    lab.judge_telemetry(sent, connection)
