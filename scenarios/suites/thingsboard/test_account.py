"""The connection's account: right, wrong, corrected, and never shown."""

from typing import Any

import pytest

from uplab.scenarios import Lab, LabConnection, LabDevice, Route, ThingsBoardAccount, deliveries

pytestmark = pytest.mark.needs("thingsboard", "states")


@pytest.mark.requirement("TB-08.a", "COM-09.b")
def test_wrong_password_is_told_and_delivers_nothing(
    lab: Lab, body: dict[str, Any], route: Route, devices: list[LabDevice], account: ThingsBoardAccount
) -> None:
    """A wrong password leads to AUTHENTICATION_FAILED; nothing is delivered and no device appears."""
    before = account.devices()
    body["configuration"]["password"] = lab.secrets.hex("wrong password")
    connection = lab.connect(body, route, *devices, state="AUTHENTICATION_FAILED")

    lab.barrier(*devices)

    arrived = [one for one in deliveries(lab.history.events) if one.arrived.facts["fake"] == "thingsboard"]
    lab.expect_seen("nothing is published", arrived, {"empty": True}, f"{len(arrived)} messages")
    lab.expect_seen("no device appears", account.devices(), {"is": before})
    if lab.profile.features.api:
        stays = {"/state": {"is": "AUTHENTICATION_FAILED"}}
        answer = lab.api.get(connection.id)
        lab.expect_shown("the state stays AUTHENTICATION_FAILED", answer, stays, proves="COM-09.b")


@pytest.mark.usefixtures("over_mqtt")
@pytest.mark.parametrize("wrong", ["password", "username"])
@pytest.mark.requirement("TB-08.b", "TB-04.c")
def test_corrected_account_recovers(
    lab: Lab, body: dict[str, Any], route: Route, devices: list[LabDevice], wrong: str
) -> None:
    """PUT of the right password, or user name, opens the connection, and uplinks are delivered."""
    right = dict(body["configuration"])
    body["configuration"][wrong] = lab.secrets.hex(f"wrong {wrong}")
    connection = lab.connect(body, route, *devices, state="AUTHENTICATION_FAILED")

    body["configuration"] = right
    connection.replace(body)
    connection.wait_for_state("OPENED", proves="TB-04.c")
    sent = [device.send() for device in devices]
    lab.await_delivery(sent, connection.route)

    lab.judge_telemetry(sent, connection)


@pytest.mark.needs("names")
@pytest.mark.requirement("TB-17.a")
def test_password_is_shown_as_five_asterisks(lab: Lab, connection: LabConnection, body: dict[str, Any]) -> None:
    """GET masks the password with exactly five asterisks; user name and host are clear."""
    shown = connection.read()["configuration"]
    lab.expect_seen("the password is *****", shown.get("password"), {"is": "*****"}, shown)
    lab.expect_seen(
        "user name and host are clear",
        (shown["username"], shown["hostName"]),
        {"is": (body["configuration"]["username"], body["configuration"]["hostName"])},
        shown,
    )


@pytest.mark.usefixtures("over_mqtt")
@pytest.mark.requirement("COM-24.a")
def test_masked_password_given_back_keeps_the_secret(
    lab: Lab, connection: LabConnection, devices: list[LabDevice]
) -> None:
    """PUT of what GET showed keeps the stored password, or is refused; asterisks are never stored as the secret."""
    shown = connection.read()
    body = {key: shown[key] for key in ("connectorId", "name", "configuration")}
    answer = lab.api.replace(connection.id, body)
    lab.expect_seen(
        "PUT with ***** answers 200 or 400",
        answer.status_code,
        {"among": (200, 400)},
        f"{answer.status_code} {answer.text[:200]}",
    )
    connection.wait_for_state("OPENED")

    sent = [device.send() for device in devices]
    lab.await_delivery(sent, connection.route)
    lab.judge_telemetry(sent, connection)
