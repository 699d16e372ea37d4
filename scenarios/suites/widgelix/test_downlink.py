"""widgelix.md, "Downlink support": the connection's URL, set up in Connectivity, reaches the device."""

import json

import pytest

from uplab.fakes.faults import Always, Fault, Status
from uplab.scenarios import Faults, Lab, LabConnection, LabDevice, WidgelixAccount, WidgelixDevice

pytestmark = pytest.mark.needs("widgelix", "downlinks")


@pytest.mark.requirement("WGX-19.a", "WGX-18.b", "DL-15.c")
def test_downlink_from_widgelix_reaches_the_device(
    lab: Lab, connection: LabConnection, device: LabDevice, account: WidgelixAccount, widgelix_device: WidgelixDevice
) -> None:
    """URL and port are accepted in Connectivity; a downlink from the device's page arrives on that port."""
    url = connection.downlink_url
    answer = account.set_downlink(widgelix_device, url, 5)
    taken = f"{url}: {answer.status_code} {answer.text[:200]}"
    lab.expect_seen(
        "Connectivity takes URL and port", answer.status_code, {"is": 200}, taken, hop="Widgelix", proves="WGX-18.b"
    )
    account.send_downlink(widgelix_device, "3e0101")
    status = lab.poll(
        lambda: account.downlinks(widgelix_device)[0],
        {"/status": {"not": "pending"}},
        awaited="the downlink being posted",
        timeout_s=lab.deadlines.downlink_s,
    )

    device.send()

    lab.expect_seen("Widgelix shows it as sent", status["status"], {"is": "sent"}, status, proves="DL-15.c")
    lab.expect_downlinks({device: [(5, "3e0101")]}, [device])


@pytest.mark.requirement("WGX-17")
def test_uplinks_answer_starts_no_downlink(
    lab: Lab, connection: LabConnection, device: LabDevice, faults: Faults
) -> None:
    """Even an answer that holds a DevEUI_downlink sends nothing down: the only way is the URL."""
    downlink = {"DevEUI_downlink": {"DevEUI": device.dev_eui, "FPort": 5, "payload_hex": "3e01"}}
    answer = Status(200, json.dumps(downlink).encode(), (("Content-Type", "application/json"),), handled=True)
    faults.plan(Fault("answers with a downlink", Always(), answer), at=lab.widgelix)

    sent = [device.send(), device.send()]
    lab.await_delivery(sent, connection.route)
    sent += lab.barrier(device)
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection)
    lab.expect_no_downlink([device])
