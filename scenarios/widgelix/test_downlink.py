"""widgelix.md, "Downlink support": the connection's URL, set up in Connectivity, reaches the device."""

import pytest

from scenarios.connection import LabConnection
from scenarios.device import LabDevice
from scenarios.lab import Lab
from scenarios.widgelix.account import Account, WidgelixDevice

pytestmark = pytest.mark.needs("widgelix", "downlinks", "api")


@pytest.mark.requirement("WGX-18", "WGX-19", "DL-15", "WGX-17")
def test_downlink_from_widgelix_reaches_the_device(
    lab: Lab, connection: LabConnection, device: LabDevice, account: Account, widgelix_device: WidgelixDevice
) -> None:
    """URL and port are accepted in Connectivity; a downlink from the device's page arrives on that port."""
    account.set_downlink(widgelix_device, connection.downlink_url, 5)
    account.send_downlink(widgelix_device, "3e0101")
    status = lab.poll(
        lambda: account.downlinks(widgelix_device)[0],
        lambda d: d["status"] != "pending",
        awaited="the downlink being posted",
    )

    device.send()

    lab.expect("Widgelix shows it as sent", status["status"] == "sent", status)
    lab.expect_downlinks({device: [(5, "3e0101")]}, [device])


@pytest.mark.requirement("WGX-17")
def test_uplinks_answer_starts_no_downlink(lab: Lab, connection: LabConnection, device: LabDevice) -> None:
    """Whatever Widgelix answers to an uplink, nothing goes down: the only way is the URL."""
    sent = [device.send(), device.send()]
    lab.await_delivery(sent, connection.route)
    lab.judge_delivery(sent, connection)
    lab.expect_no_downlink([device])
