"""A command given in ThingsBoard reaches the device that it is for."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from uplab.scenarios import Lab, LabConnection, LabDevice, ThingsBoardAccount
from uplab.scenarios.suites.thingsboard.command import command_of

pytestmark = [pytest.mark.needs("thingsboard", "downlinks"), pytest.mark.usefixtures("over_mqtt")]


@pytest.mark.requirement("TB-13.a", "TB-12.c", "DL-15.d")
def test_rpc_for_a_device_reaches_that_device(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], account: ThingsBoardAccount
) -> None:
    """An RPC to one device arrives there, decrypted, and at no other; each device's commands count from 0."""
    sent = [device.send() for device in devices]
    lab.await_delivery(sent, connection.route)

    answer = account.rpc(devices[1].dev_eui, *command_of(lab.profile, 5, "3e01"), two_way=True)
    lab.expect_answer("ThingsBoard gets the device's answer", answer, 200, proves="DL-15.d")
    answer = account.rpc(devices[2].dev_eui, *command_of(lab.profile, 5, "3e02"), two_way=True)
    lab.expect_answer("it gets the next device's answer", answer, 200, proves="DL-15.d")
    for device in devices:
        device.send()

    lab.expect_seen("no other device receives anything", devices[0].received, {"empty": True}, proves="TB-12.c")
    wanted = {devices[1]: [(5, "3e01")], devices[2]: [(5, "3e02")]}
    lab.expect_downlinks(wanted, devices)


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


@pytest.mark.needs("deleting")
@pytest.mark.requirement("TB-05.a")
def test_deleted_connection_takes_no_command(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], account: ThingsBoardAccount
) -> None:
    """After DELETE nobody answers a command that waits in ThingsBoard, and no device gets it."""
    sent = [device.send() for device in devices]
    lab.await_delivery(sent, connection.route)
    connection.delete()
    mark = lab.history.mark

    waiting = account.rpc(devices[0].dev_eui, *command_of(lab.profile, 5, "3e01"), persistent=True)
    lab.expect_seen("ThingsBoard keeps the command", waiting.status_code, {"is": 200}, hop="ThingsBoard")
    lab.expect_no_downlink(devices, proves="TB-05.a")
    lab.barrier(*devices)

    said = [e for e in lab.history.since(mark) if e.hop == "destination.published" and e.facts["fake"] == "thingsboard"]
    told = [str(event.facts["topic"]) for event in said]
    lab.expect_seen("its session says nothing more", told, {"empty": True}, told, proves="TB-05.a")


@pytest.mark.requirement("TB-13.a")
def test_commands_that_come_at_once_are_all_carried_out(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], account: ThingsBoardAccount
) -> None:
    """Three devices are given a command each before the first one is answered: every one reaches its device."""
    sent = [device.send() for device in devices]
    lab.await_delivery(sent, connection.route)
    commands = [(device, command_of(lab.profile, 5, f"3e0{n}")) for n, device in enumerate(devices)]

    with ThreadPoolExecutor(len(devices)) as users:
        list(users.map(lambda one: account.rpc(one[0].dev_eui, *one[1], two_way=True), commands))
    for device in devices:
        device.send()

    lab.expect_downlinks({device: [(5, f"3e0{n}")] for n, device in enumerate(devices)}, devices)
