"""A command given in ThingsBoard reaches the device that it is for."""

import pytest

from uplab.scenarios import Lab, LabConnection, LabDevice, ThingsBoardAccount
from uplab.scenarios.suites.thingsboard.command import command_of

pytestmark = [pytest.mark.needs("thingsboard", "downlinks"), pytest.mark.usefixtures("over_mqtt")]


@pytest.mark.requirement("TB-13.a", "TB-12.c", "DL-15.d")
def test_rpc_for_a_device_reaches_that_device(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], account: ThingsBoardAccount
) -> None:
    """An RPC to one device arrives there, decrypted, and at no other."""
    sent = [device.send() for device in devices]
    lab.await_delivery(sent, connection.route)

    answer = account.rpc(devices[1].dev_eui, *command_of(lab.profile, 5, "3e01"), two_way=True)
    lab.expect_answer("ThingsBoard gets the device's answer", answer, 200, proves="DL-15.d")
    for device in devices:
        device.send()

    others = {device.dev_eui: device.received for device in devices if device is not devices[1] and device.received}
    lab.expect_seen("no other device receives anything", others, {"empty": True}, proves="TB-12.c")
    lab.expect_downlinks({devices[1]: [(5, "3e01")]}, devices)


@pytest.mark.requirement("TB-13.b")
def test_malformed_rpc_reaches_no_device(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], account: ThingsBoardAccount
) -> None:
    """A command without a port or with broken hexadecimal digits is answered with an error, and sent to nobody."""
    sent = [device.send() for device in devices]
    lab.await_delivery(sent, connection.route)

    answer = account.rpc(devices[0].dev_eui, *command_of(lab.profile, 5, "zz"), two_way=True)

    lab.expect_seen(
        "the command is answered with an error",
        answer.text.lower(),
        {"holds": "error"},
        f"{answer.status_code} {answer.text[:200]}",
    )
    lab.expect_no_downlink(devices)
