"""The Widgelix Key: the access token of a device's connectivity, raw or as a bearer token, changed, revoked."""

from typing import Any

import pytest

from uplab.scenarios import Lab, LabConnection, LabDevice, WidgelixAccount, WidgelixDevice
from uplab.scenarios.suites.common.destination import metrics_of, telling
from uplab.scenarios.suites.common.several import await_arrival
from uplab.scenarios.suites.widgelix.conftest import ROUTE

pytestmark = pytest.mark.needs("widgelix")


@pytest.mark.requirement("WGX-14")
@pytest.mark.parametrize("given", ["{}", "Bearer {}"], ids=["raw", "bearer"])
def test_exactly_one_bearer_reaches_widgelix(
    lab: Lab, body: dict[str, Any], device: LabDevice, widgelix_device: WidgelixDevice, given: str
) -> None:
    """Whether the key is given raw or as a bearer token, Widgelix receives "Bearer token"."""
    body["configuration"]["headers"]["Authorization"] = given.format(widgelix_device.access_token)
    connection = lab.connect(body, ROUTE, device)

    sent = device.send()
    lab.await_delivery([sent], connection.route)

    lab.judge_delivery([sent], connection, {"Authorization": lambda _: f"Bearer {widgelix_device.access_token}"})


@pytest.mark.needs("replacing")
@pytest.mark.requirement("WGX-01.c")
def test_next_uplink_uses_the_new_key(
    lab: Lab,
    connection: LabConnection,
    body: dict[str, Any],
    account: WidgelixAccount,
    device: LabDevice,
    widgelix_device: WidgelixDevice,
) -> None:
    """Name and key can both be changed; the next uplink carries the new key and is accepted."""
    new = account.new_token(widgelix_device.id)
    body["name"] = "Renamed"
    body["configuration"]["headers"]["Authorization"] = f"Bearer {new}"
    shown = connection.replace(body)
    connection.wait_for_state("OPENED")

    sent = device.send()
    lab.await_delivery([sent], connection.route)

    lab.judge_delivery([sent], connection, {"Authorization": lambda _: f"Bearer {new}"})
    lab.expect_seen("the new name is shown", shown["name"], {"is": lab.named("Renamed")})


@pytest.mark.requirement("WGX-20.a", "WGX-02.b")
def test_wrong_key_is_refused_and_shows_nothing(
    lab: Lab, body: dict[str, Any], account: WidgelixAccount, device: LabDevice, widgelix_device: WidgelixDevice
) -> None:
    """Widgelix answers 401 to a key that is not the device's, and the device shows no data."""
    body["configuration"]["headers"]["Authorization"] = f"Bearer {lab.secrets.uuid('wrong key')}"
    connection = lab.connect(body, ROUTE, device)

    device.send()
    arrived = await_arrival(lab, ROUTE)
    refused = lab.history.wait_for(
        lambda e: e.hop == "destination.answered" and e.facts["fake"] == "widgelix" and e.facts["status"] == 401,
        timeout_s=lab.deadlines.answer_s if arrived else 0.0,
    )

    hop = "Widgelix" if arrived else "forwarder"
    lab.expect_seen("Widgelix answers 401", refused, {"empty": False}, "no 401 came", hop=hop, proves="WGX-02.b")
    shown = account.messages(widgelix_device)
    lab.expect_seen("the device shows no data", shown, {"is": []}, hop=hop, proves="WGX-20.a")
    assert connection.id


@pytest.mark.needs("metrics", "events")
@pytest.mark.requirement("WGX-20.d")
def test_revoked_key_ends_just_so(
    lab: Lab,
    connection: LabConnection,
    account: WidgelixAccount,
    device: LabDevice,
    widgelix_device: WidgelixDevice,
) -> None:
    """A new token makes the old one worthless: the next uplink is counted as failed, told with 401, and not shown."""
    before = device.send()
    lab.await_delivery([before], connection.route)
    account.new_token(widgelix_device.id)
    device.send()

    telling(lab, connection, 401, dev_eui=device.dev_eui)
    counted = metrics_of(lab, connection)["lastHour"]
    exact = counted["uplinksDelivered"] == 1 and counted["uplinksFailed"] >= 1
    lab.expect("one uplink is counted as delivered, the other as failed", exact, counted)
    shown = account.messages(widgelix_device)
    lab.expect_seen("the device shows what came before, and nothing else", len(shown), {"is": 1}, shown)


@pytest.mark.needs("metrics", "events")
@pytest.mark.requirement("WGX-20.b", "WGX-20.c")
def test_refused_delivery_is_visible_on_the_connection(lab: Lab, body: dict[str, Any], device: LabDevice) -> None:
    """A refused uplink is no delivered one: the connection counts it as failed, and an event tells the cause."""
    body["configuration"]["headers"]["Authorization"] = f"Bearer {lab.secrets.uuid('wrong key')}"
    connection = lab.connect(body, ROUTE, device)
    device.send()

    metrics = lab.poll(
        lambda: lab.api.request("GET", f"/connections/{connection.id}/metrics").json(),
        {"/lastHour/uplinksFailed": {"least": 1}},
        awaited="the failed uplink in the metrics",
    )
    lab.expect_seen(
        "nothing is counted as delivered",
        metrics["lastHour"]["uplinksDelivered"],
        {"is": 0},
        metrics,
        proves="WGX-20.c",
    )
    events = lab.api.request("GET", f"/connections/{connection.id}/events").json()
    telling = [e for e in events if e.get("devEUI") == device.dev_eui and "401" in str(e)]
    lab.expect_seen("an event names the device and the 401", telling, {"empty": False}, events)
