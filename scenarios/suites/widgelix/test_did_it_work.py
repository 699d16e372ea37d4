"""widgelix.md, "Displaying information to know if it worked": the report of a field holds what the device measured."""

from datetime import UTC, datetime

import pytest

from uplab.scenarios import Lab, LabConnection, LabDevice, WidgelixAccount, WidgelixDevice
from uplab.scenarios.suites.common.reports import ROOTS
from uplab.scenarios.suites.common.several import expect_accepted
from uplab.scenarios.suites.widgelix.conftest import ROUTE, body_of

pytestmark = pytest.mark.needs("widgelix")


@pytest.mark.varies("generation", "regime")
@pytest.mark.smoke
@pytest.mark.requirement("WGX-02.a", "WGX-15.a", "WGX-15.c", "WGX-15.d")
def test_report_of_temperature_holds_what_the_device_measured(
    lab: Lab, connection: LabConnection, account: WidgelixAccount, device: LabDevice, widgelix_device: WidgelixDevice
) -> None:
    """Settings, Report: the Excel file for `temperature` holds each measurement at its time, as a number."""
    sent = [device.send(temperature_c=value, humidity_pct=40) for value in (21.5, 22.0, -3.4)]
    lab.await_delivery(sent, connection.route)
    sent += lab.barrier(device)
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection, {"Authorization": lambda _: f"Bearer {widgelix_device.access_token}"})
    kept, counted = [one.get("fCntUp") for one in account.messages(widgelix_device)], [one.f_cnt for one in sent]
    lab.expect_seen("each is shown as that device's", kept, {"is": counted}, hop="Widgelix", proves="WGX-02.a")
    shown = account.find(device.dev_eui)
    lab.expect_seen(
        "Last Seen is set", shown.get("lastSeen"), {"empty": False}, shown, hop="Widgelix", proves="WGX-15.a"
    )

    rows = account.report(widgelix_device, "temperature")
    measured = [one.readings.temperature_c for one in sent]
    cells = [row[1:] for row in rows[1:]]
    found = [value for row in cells for value in row if isinstance(value, float)]
    lab.expect_seen(
        "the report holds each temperature as a number, in order",
        found,
        {"near": measured},
        f"measured {measured}, the file holds {cells}",
        hop="report",
        proves="WGX-15.c",
    )
    wanted_rows = [[one.readings.temperature_c, one.readings.humidity_pct] for one in sent]
    both = [row[1:] for row in account.report(widgelix_device, "temperature", "humidity")[1:]]
    alone = [row[1:] for row in account.report(widgelix_device, "humidity")[1:]]
    lab.expect(
        "the report of both fields holds each in its column, that of humidity it alone",
        both == wanted_rows and alone == [row[1:] for row in wanted_rows],
        f"measured {wanted_rows}, the files hold {both} and {alone}",
        hop="report",
        proves="WGX-15.d",
    )
    dated = [row[0] for row in rows[1:]]
    wanted = [datetime.fromisoformat(one.time).astimezone(UTC).replace(tzinfo=None) for one in sent]
    near = len(dated) == len(wanted) and all(
        isinstance(d, datetime) and abs((d - w).total_seconds()) < 0.01 for d, w in zip(dated, wanted, strict=True)
    )
    lab.expect(
        "each row has the uplink's time as a date",
        near,
        f"sent at {[str(w) for w in wanted]}, the file holds {dated}",
        hop="report",
        proves="WGX-15.c",
    )


@pytest.mark.requirement("WGX-16.a", "WGX-16.b", "WGX-16.c")
def test_later_messages_appear_too(
    lab: Lab, connection: LabConnection, account: WidgelixAccount, device: LabDevice, widgelix_device: WidgelixDevice
) -> None:
    """A later uplink moves Last Seen, stands in the history and in a new report."""
    first = device.send(temperature_c=21.5)
    lab.await_delivery([first], connection.route)
    seen = account.find(device.dev_eui)["lastSeen"]
    later = device.send(temperature_c=-3.4)
    lab.await_delivery([later], connection.route)

    lab.judge_delivery([first, later], connection)
    now = account.find(device.dev_eui)["lastSeen"]
    lab.expect("Last Seen moved on", now > seen, f"{seen}, then {now}", hop="Widgelix")
    shown = account.messages(widgelix_device)
    values = [message.get("values", {}).get("temperature") for message in shown]
    lab.expect_seen(
        "the history shows both, with their values",
        values,
        {"is": [21.5, -3.4]},
        shown,
        hop="Widgelix",
        proves="WGX-16.b",
    )
    rows = account.report(widgelix_device, "temperature")
    cells = [row[1] for row in rows[1:]]
    lab.expect_seen(
        "a new report holds both values", cells, {"is": [21.5, -3.4]}, rows, hop="report", proves="WGX-16.c"
    )


@pytest.mark.requirement("COM-15.d")
def test_widgelix_gets_every_root(
    lab: Lab, connection: LabConnection, device: LabDevice, widgelix_device: WidgelixDevice
) -> None:
    """Notification, location, downlink reports and alarm go to Widgelix like uplinks do, with its key."""
    sent = [lab.post(make(device)) for make in ROOTS.values()]
    expect_accepted(lab, *sent)
    lab.await_delivery(sent, connection.route)
    lab.judge_delivery(sent, connection, {"Authorization": lambda _: f"Bearer {widgelix_device.access_token}"})


@pytest.mark.needs("drivers")
@pytest.mark.requirement("WGX-15.e")
def test_device_type_made_by_hand_does_as_well(lab: Lab, account: WidgelixAccount, device: LabDevice) -> None:
    """A type whose field is a path into the decoded payload shows and reports what the device measured."""
    fields = [{"name": "room", "source": "$.temperature"}]
    made = account.ask("POST", "/device-types", {"name": f"by hand {device.dev_eui}", "fields": fields})
    lab.expect_seen("Widgelix makes the type", made.status_code, {"is": 201}, made.text[:200], hop="Widgelix")
    own = account.add_device(device.dev_eui, device.name, str(made.json()["id"]))
    connection = lab.connect(body_of(own.access_token), ROUTE, device)

    sent = [device.send(temperature_c=value) for value in (21.5, -3.4)]
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection)
    rows = account.report(own, "room")
    found = [row[1] for row in rows[1:]]
    lab.expect_seen("its report holds the values", found, {"is": [21.5, -3.4]}, rows, hop="report", proves="WGX-15.e")
