"""widgelix.md, "Displaying information to know if it worked": the report of a field holds what the device measured."""

from datetime import UTC, datetime

import pytest

from uplab.scenarios import Lab, LabConnection, LabDevice
from uplab.scenarios.suites.widgelix.account import Account, WidgelixDevice

pytestmark = pytest.mark.needs("widgelix", "api")


@pytest.mark.smoke
@pytest.mark.requirement("WGX-02", "WGX-06", "WGX-15")
def test_report_of_temperature_holds_what_the_device_measured(
    lab: Lab, connection: LabConnection, account: Account, device: LabDevice, widgelix_device: WidgelixDevice
) -> None:
    """Settings, Report: the Excel file for `temperature` holds each measurement at its time, as a number."""
    sent = [device.send(temperature_c=value, humidity_pct=40) for value in (21.5, 22.0, -3.4)]
    lab.await_delivery(sent, connection.route)
    sent += lab.barrier(device)
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection, {"Authorization": lambda _: f"Bearer {widgelix_device.access_token}"})
    shown = account.find(device.dev_eui)
    lab.expect("Last Seen is set", bool(shown.get("lastSeen")), shown, hop="Widgelix", proves="WGX-15")

    rows = account.report(widgelix_device, "temperature")
    measured = [one.readings.temperature_c for one in sent]
    cells = [row[1:] for row in rows[1:]]
    found = [value for row in cells for value in row if isinstance(value, float)]
    lab.expect(
        "the report holds each temperature as a number, in order",
        found == pytest.approx(measured),
        f"measured {measured}, the file holds {cells}",
        hop="report",
        proves="WGX-15",
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
        proves="WGX-15",
    )


@pytest.mark.requirement("WGX-16")
def test_later_messages_appear_too(
    lab: Lab, connection: LabConnection, account: Account, device: LabDevice, widgelix_device: WidgelixDevice
) -> None:
    """A later uplink moves Last Seen, stands in the history and in a new report."""
    first = device.send()
    lab.await_delivery([first], connection.route)
    seen = account.find(device.dev_eui)["lastSeen"]
    later = device.send()
    lab.await_delivery([later], connection.route)

    lab.judge_delivery([first, later], connection)
    now = account.find(device.dev_eui)["lastSeen"]
    lab.expect("Last Seen moved on", now > seen, f"{seen}, then {now}", hop="Widgelix")
    shown = account.messages(widgelix_device)
    lab.expect("the history shows both", len(shown) == 2, shown, hop="Widgelix")
    rows = account.report(widgelix_device, "temperature")
    lab.expect("a new report holds both", len(rows) == 3, rows, hop="report")
