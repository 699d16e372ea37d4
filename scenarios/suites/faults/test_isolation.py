"""A destination that hangs, drips, floods or refuses costs others less than a second, and nobody an uplink."""

from typing import Any

import pytest

from uplab.fakes.faults import Delay, Drip, Endless, Fault, FirstN, Hang, HugeBody, Nth, ResetAfterBody, Status
from uplab.scenarios import Faults, Lab, LabConnection, LabDevice
from uplab.scenarios.checks import checks
from uplab.scenarios.suites.common.destination import connect_bin
from uplab.scenarios.suites.common.several import await_arrival, await_success, verdicts_of_several
from uplab.scenarios.under_test.group import forget_peak, held_bytes, peak_bytes

pytestmark = [pytest.mark.needs("http"), pytest.mark.delivery]

PERIOD_S = 1  # of the fixture `soon`
HANG_S = 1.3  # longer than the limit of COM-19, so that waiting for the end of it would be seen

BAD, GOOD = "/misbehaving", "/well"
FLOOD_BYTES, HELD_BYTES = 256_000_000, 100_000_000  # what comes at once, and what a process may hold of it


def judge_isolation(lab: Lab, faults: Faults, devices: list[LabDevice], fault: Fault, soon: dict[str, Any]) -> None:
    """Given two connections to which the devices are bound, one of them misbehaving: the other one notices nothing."""
    # Given a destination that misbehaves
    faults.plan(fault)
    bad, good = connect_bin(lab, BAD, *devices, **soon), connect_bin(lab, GOOD, *devices)

    # When each device sends, and again while the first answers are still awaited
    sent = [device.send() for device in devices]
    await_arrival(lab, bad.route)
    sent += [device.send() for device in devices]
    await_success(lab, sent, good.route)
    # One delivery after the other is right, too: then each that fails costs its own time and the period after it.
    await_success(lab, sent, bad.route, after_s=len(devices) * (HANG_S + PERIOD_S))

    # Then the well one was served at once, and the misbehaving one got everything too
    within = checks.within(lab.history.events, [one.id for one in sent], good.route, limit_s=lab.deadlines.isolation_s)
    alike = within.proving("HTTP-19.b")  # what the row of the connector says, too
    lab.judge(within, alike, *(verdict.proving("HTTP-19.b") for verdict in verdicts_of_several(lab, sent, good, bad)))


@pytest.mark.requirement("COM-19.a", "HTTP-19.b")
def test_hanging_destination_delays_no_other(
    lab: Lab, faults: Faults, many: list[LabDevice], soon: dict[str, Any]
) -> None:
    """While one destination does not answer a dozen uplinks, another connection's uplinks arrive within a second."""
    hanging = Fault("hangs", FirstN(len(many)), Delay(HANG_S, ResetAfterBody()), only=BAD)
    judge_isolation(lab, faults, many, hanging, soon)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault("drips", FirstN(3), Drip(150.0), only=BAD), id="dripping"),
        pytest.param(Fault("trickles", FirstN(3), Drip(30.0, body=40), only=BAD), id="dripping-body"),
        pytest.param(Fault("refuses", Nth(1), Status(503, retry_after="3600"), only=BAD), id="refusing"),
    ],
)
@pytest.mark.requirement("COM-19.b", "HTTP-19.b")
def test_misbehaving_destination_delays_no_other(
    lab: Lab, faults: Faults, devices: list[LabDevice], soon: dict[str, Any], fault: Fault
) -> None:
    """An answer that drips, or refuses for an hour, costs another connection less than a second; no uplink is lost."""
    judge_isolation(lab, faults, devices, fault, soon)


@pytest.mark.requirement("COM-19.c", "HTTP-19.b")
def test_enormous_answer_delays_no_other(
    lab: Lab, faults: Faults, devices: list[LabDevice], soon: dict[str, Any]
) -> None:
    """A 200 with a body of 64 MB, read or cut off, costs another connection less than a second, and no uplink."""
    judge_isolation(lab, faults, devices, Fault("enormous", FirstN(len(devices)), HugeBody(64_000_000), only=BAD), soon)


@pytest.mark.requirement("HTTP-19.a")
def test_answer_that_never_comes_is_given_up(lab: Lab, faults: Faults, device: LabDevice, soon: dict[str, Any]) -> None:
    """A destination that never answers is not waited for without end: the uplink is tried again, and then arrives."""
    faults.plan(Fault("hang", Nth(1), Hang()))
    connection = connect_bin(lab, "/hanging", device, **soon)

    sent = [device.send(), device.send()]
    await_success(lab, sent, connection.route, after_s=lab.deadlines.unanswered_s + PERIOD_S)

    lab.judge_delivery(sent, connection)


def _is_read_on(lab: Lab, id_: str, connection: LabConnection) -> bool:
    """Whether its answer has not ended yet, for one who reads on and counts the head: it is neither lost nor told."""
    tries = [d for d in checks.deliveries(lab.history.events, connection.route) if id_ in d.ids]
    return lab.profile.policy.timeout_covers == "head" and bool(tries) and tries[-1].answered is None


@pytest.mark.requirement("HTTP-19.c")
def test_answer_without_end_costs_its_timeout_and_no_memory(
    lab: Lab, faults: Faults, devices: list[LabDevice], soon_or_never: dict[str, Any] | None
) -> None:
    """A body that does not end, in a flood or byte by byte: the next uplink goes out in time, and nobody keeps it."""
    paths = {"/flood": Endless(FLOOD_BYTES), "/drip": Endless()}
    faults.plan(*(Fault(path.strip("/"), Nth(1), action, only=path) for path, action in paths.items()))
    connections = [
        connect_bin(lab, path, device, **(soon_or_never or {})) for path, device in zip(paths, devices, strict=False)
    ]
    group = lab.forwarder.pid if lab.options.command is not None else None
    held = held_bytes(group) if group else 0
    if group:
        forget_peak(group)

    first = [device.send() for device in devices[: len(paths)]]
    faults.happened(count=len(paths))
    later = [device.send() for device in devices[: len(paths)]]
    limit_s = lab.deadlines.unanswered_s + PERIOD_S + lab.deadlines.attempt_s

    for connection, before, after in zip(connections, first, later, strict=True):
        await_success(lab, [before, after], connection.route, after_s=limit_s)
        within = checks.within(lab.history.events, [after.id], connection.route, limit_s=limit_s)
        told = [after.id] if _is_read_on(lab, before.id, connection) else [before.id, after.id]
        lab.judge(within, checks.none_lost(lab.history.events, told, connection.route))
    if group and (peak := peak_bytes(group)):
        grown = max(0, peak - held) / 1e6
        lab.expect(
            f"of {FLOOD_BYTES / 1e6:g} MB it holds less than {HELD_BYTES / 1e6:g} MB",
            peak - held < HELD_BYTES,
            f"it held up to {grown:.0f} MB more than before",
            check="memory",
        )
