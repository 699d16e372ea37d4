"""The link to ThingsBoard breaks, or is refused: nothing is lost, and the account is told apart from the host."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from uplab.fakes.faults import Action, Always, Close, Fault, Nth, RefuseConnect, RepeatPuback, TakeOver, WithholdPuback
from uplab.scenarios import Faults, Lab, LabConnection, LabDevice, Sent, ThingsBoardAccount, deliveries, epoch_ms
from uplab.scenarios.lab.false_hosts import NOBODY
from uplab.scenarios.suites.common.destination import telling, wait_until_open
from uplab.scenarios.suites.common.several import await_success
from uplab.scenarios.suites.faults.pace import running_at
from uplab.scenarios.suites.thingsboard.command import command_of
from uplab.scenarios.suites.thingsboard.conftest import TELEMETRY

pytestmark = [
    pytest.mark.needs("thingsboard"),
    pytest.mark.transport("mqtt", "mqtts"),
    pytest.mark.usefixtures("over_mqtt"),
]

REOPENED_S = 11 * 60 / 600  # ten minutes (CALM), a minute off by chance, at the pace of `hurried`
OUT_OF_REACH = {"UNREACHABLE", "CLOSED"}


@pytest.fixture(scope="module")
def hurried(running_lab: Lab) -> Iterator[None]:
    """Scheduled time runs so fast that the minutes between reconnections take less than a second."""
    with running_at(running_lab, 600.0):
        yield


def expect_shown_once(lab: Lab, account: ThingsBoardAccount, sent: list[Sent]) -> None:
    """ThingsBoard's history holds one value at each uplink's time, and no other."""
    if not lab.profile.features.drivers:
        return  # then nobody promised a temperature; the checks of the wire have said that it came once
    for dev_eui in dict.fromkeys(one.dev_eui for one in sent):
        wanted = [(epoch_ms(one.time), one.readings.temperature_c) for one in sent if one.dev_eui == dev_eui]
        found = account.history(dev_eui, "temperature")
        lab.expect_seen(
            "every uplink stands in the history once", found, {"is": wanted}, f"sent {wanted}, found {found}"
        )


@pytest.mark.usefixtures("hurried")
@pytest.mark.needs("clock")
@pytest.mark.requirement("TB-16.b")
def test_unacknowledged_telemetry_is_sent_again(
    lab: Lab, faults: Faults, connection: LabConnection, devices: list[LabDevice], account: ThingsBoardAccount
) -> None:
    """What still waits for its PUBACK when the link ends was not delivered: it goes out again on the next link."""
    # Given a server that withholds one PUBACK and then closes the link
    faults.plan(
        Fault("withheld", Nth(1), WithholdPuback(handled=False), only=TELEMETRY.path),
        Fault("closed", Nth(2), Close(), only=TELEMETRY.path),
        at=lab.thingsboard,
    )

    # When two devices send, and all of them on the next link
    sent = [device.send() for device in devices[:2]]
    faults.happened(count=2)
    lab.history.wait_for(lambda e: e.hop == "destination.connected", count=2, timeout_s=lab.deadlines.delivery_s)
    sent += [device.send() for device in devices]
    await_success(lab, sent, connection.route, after_s=REOPENED_S)

    # Then
    lab.judge_telemetry(sent, connection)
    expect_shown_once(lab, account, sent)


@pytest.mark.parametrize(
    "action",
    [
        pytest.param(Close(), id="closed"),
        pytest.param(Close(reset=True), id="reset"),
        pytest.param(Close(handled=True), id="closed-after-taking-it"),
        pytest.param(TakeOver(), id="taken-over"),
    ],
)
@pytest.mark.usefixtures("hurried")
@pytest.mark.needs("clock")
@pytest.mark.requirement("TB-16.a", "COM-08.c")
def test_session_that_the_server_ends_is_renewed_without_loss(
    lab: Lab,
    faults: Faults,
    connection: LabConnection,
    devices: list[LabDevice],
    account: ThingsBoardAccount,
    action: Action,
) -> None:
    """Closed, reset or taken over in the middle of an uplink: the connection opens again, and every uplink arrives."""
    faults.plan(Fault("ended", Nth(2), action, only=TELEMETRY.path), at=lab.thingsboard)

    sent = [device.send() for _ in range(2) for device in devices]
    await_success(lab, sent, connection.route, after_s=REOPENED_S)

    lab.judge_telemetry(sent, connection)
    wait_until_open(lab, connection, proves="COM-08.c")
    expect_shown_once(lab, account, sent)


@pytest.mark.usefixtures("hurried")
@pytest.mark.needs("clock", "downlinks")
@pytest.mark.requirement("TB-13.a")
def test_commands_come_in_the_next_session_too(
    lab: Lab, faults: Faults, connection: LabConnection, devices: list[LabDevice], account: ThingsBoardAccount
) -> None:
    """After a session that ended a command for a device reaches it as before."""
    faults.plan(Fault("ended", Nth(2), Close(), only=TELEMETRY.path), at=lab.thingsboard)
    sent = [device.send() for device in devices]
    await_success(lab, sent, connection.route, after_s=REOPENED_S)
    wait_until_open(lab, connection, proves="TB-13.a")
    sent += [device.send() for device in devices]  # so that each is connected in this session, too
    await_success(lab, sent, connection.route)

    account.rpc(devices[0].dev_eui, *command_of(lab.profile, 5, "3e01"), two_way=True)
    for device in devices:
        device.send()

    lab.expect_downlinks({devices[0]: [(5, "3e01")]}, devices, proves="TB-13.a")


@pytest.mark.delivery
@pytest.mark.requirement("TB-16.b")
def test_puback_that_comes_twice_does_no_harm(
    lab: Lab, faults: Faults, connection: LabConnection, devices: list[LabDevice], account: ThingsBoardAccount
) -> None:
    """A second PUBACK for the same message loses and repeats nothing."""
    faults.plan(Fault("twice", Nth(1), RepeatPuback(2), only=TELEMETRY.path), at=lab.thingsboard)

    sent = [device.send() for _ in range(2) for device in devices]
    await_success(lab, sent, connection.route)

    lab.judge_telemetry(sent, connection)
    expect_shown_once(lab, account, sent)


@pytest.mark.parametrize("code", [4, 5])
@pytest.mark.requirement("TB-18.a")
def test_refused_account_is_authentication_failed(
    lab: Lab, faults: Faults, body: dict[str, Any], devices: list[LabDevice], code: int
) -> None:
    """CONNACK 4 (bad user name or password) and 5 (not authorised) lead to AUTHENTICATION_FAILED, and to no data."""
    faults.plan(Fault("refused", Nth(1), RefuseConnect(code)), at=lab.thingsboard)
    connection = lab.connect(body, TELEMETRY, *devices, state=None)
    faults.happened()
    if lab.profile.features.states:
        connection.wait_for_state("AUTHENTICATION_FAILED")

    lab.barrier(*devices)

    published = [e for e in lab.history.events if e.hop == "destination.published" and TELEMETRY.takes(e.facts)]
    lab.expect_seen("nothing is published", published, {"empty": True}, f"{len(published)} messages")
    if lab.profile.features.events:
        telling(lab, connection, among=("login", "account", "authentication", "password"))


@pytest.mark.needs("states")
@pytest.mark.requirement("TB-18.a")
def test_unknown_account_is_authentication_failed(lab: Lab, body: dict[str, Any]) -> None:
    """A user name that ThingsBoard does not know leads to AUTHENTICATION_FAILED, not to an unreachable host."""
    body["configuration"] |= {"username": "nobody@uplab.test", "password": lab.secrets.hex("nobody's password")}
    connection = lab.connect(body, TELEMETRY, state=None)
    connection.wait_for_state("AUTHENTICATION_FAILED")
    lab.expect_seen("it stays so", connection.read()["state"], {"is": "AUTHENTICATION_FAILED"})


@pytest.mark.needs("states")
@pytest.mark.parametrize("closed", ["disabled", "locked"])
@pytest.mark.requirement("TB-18.b")
def test_closed_account_is_authentication_failed(lab: Lab, body: dict[str, Any], closed: str) -> None:
    """An account that was disabled or locked leads to AUTHENTICATION_FAILED, though its password is right."""
    change = {"enabled": False} if closed == "disabled" else {"locked": True}
    lab.loop.call(lambda: lab.thingsboard.set_account(body["configuration"]["username"], **change))
    try:
        connection = lab.connect(body, TELEMETRY, state=None)
        connection.wait_for_state("AUTHENTICATION_FAILED")
        state = connection.read()["state"]
        lab.expect_seen("it stays so", state, {"is": "AUTHENTICATION_FAILED"})
        if lab.profile.features.events:
            telling(lab, connection, among=("login", "account", "authentication", "password"))
    finally:
        lab.loop.call(
            lambda: lab.thingsboard.set_account(body["configuration"]["username"], enabled=True, locked=False)
        )


@pytest.mark.needs("states")
@pytest.mark.requirement("TB-18.c")
def test_unreachable_host_is_no_failed_login(lab: Lab, body: dict[str, Any]) -> None:
    """A host that refuses connections leads to UNREACHABLE or CLOSED; no event speaks of a failed login."""
    body["configuration"]["hostName"] = f"{NOBODY}:1883"
    seen: list[str] = []
    connection = lab.connect(body, TELEMETRY, state=None)

    def state() -> str:
        seen.append(str(connection.read()["state"]))
        return seen[-1]

    final = {*OUT_OF_REACH, "AUTHENTICATION_FAILED"}
    lab.poll(state, {"among": sorted(final)}, awaited=f"the state {' or '.join(sorted(OUT_OF_REACH))}")
    lab.expect_seen("it is never called AUTHENTICATION_FAILED", seen, {"lacks": "AUTHENTICATION_FAILED"})
    if lab.profile.features.events:
        events = telling(lab, connection)
        logins = [event for event in events if "login" in str(event).lower() or "password" in str(event).lower()]
        lab.expect_seen("no event speaks of a login", logins, {"empty": True})


@pytest.mark.usefixtures("hurried")
@pytest.mark.needs("clock")
@pytest.mark.needs("deleting")
@pytest.mark.requirement("TB-05.c")
def test_what_waits_is_dropped_with_delete(
    lab: Lab, faults: Faults, body: dict[str, Any], devices: list[LabDevice]
) -> None:
    """Deleted while its uplinks wait for a server that is not ready: a twin opens again and delivers, it does not."""
    faults.plan(Fault("unavailable", Always(), RefuseConnect(3)), at=lab.thingsboard)
    doomed = lab.connect(body, TELEMETRY, devices[0], state=None)
    faults.happened()
    twin = lab.connect(copy.deepcopy(body) | {"name": "twin"}, TELEMETRY, devices[1], state=None)
    faults.happened(count=2)
    waiting, sent = [devices[0].send(), devices[0].send()], [devices[1].send()]

    doomed.delete()
    faults.heal()
    await_success(lab, sent, twin.route, after_s=REOPENED_S)
    lab.barrier(devices[0])

    late = [d for d in deliveries(lab.history.events, TELEMETRY) if set(d.ids) & {one.id for one in waiting}]
    lab.expect_seen("what waited is not published after DELETE", late, {"empty": True}, f"{len(late)} messages")


@pytest.mark.usefixtures("hurried")
@pytest.mark.needs("clock")
@pytest.mark.requirement("TB-18.d")
def test_server_that_is_not_ready_is_tried_again(
    lab: Lab, faults: Faults, body: dict[str, Any], devices: list[LabDevice]
) -> None:
    """CONNACK 3 (server unavailable) says nothing of the account: a later attempt opens the connection and delivers."""
    faults.plan(Fault("unavailable", Nth(1), RefuseConnect(3)), at=lab.thingsboard)
    connection = lab.connect(body, TELEMETRY, *devices, state=None)

    sent = [device.send() for device in devices]
    await_success(lab, sent, connection.route, after_s=REOPENED_S)

    lab.judge_telemetry(sent, connection)
    wait_until_open(lab, connection)
