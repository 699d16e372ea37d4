"""The two strict generations of failure semantics: re-sent three times, or closed and opened again by the strategy."""

from collections.abc import Iterator

import pytest

from uplab.fakes.faults import Always, Fault, FirstN, Nth, Status
from uplab.scenarios import Faults, Lab, LabDevice, deliveries
from uplab.scenarios.checks import checks
from uplab.scenarios.suites.common.destination import connect_bin, metrics_of, telling
from uplab.scenarios.suites.common.several import await_success, judge_several
from uplab.scenarios.suites.faults.pace import running_at

pytestmark = pytest.mark.needs("http")

GENERATION = {"strict-resend", "strict-close"}


@pytest.fixture
def strict(lab: Lab) -> str:
    """One of the generations that have strictMode."""
    found = lab.profile.choices.failure_generation
    if found not in GENERATION:
        pytest.skip(f"the failure generation {found} has no strictMode")
    return found


@pytest.fixture
def resending(strict: str) -> None:
    """The generation that sends again after two seconds, three times."""
    if strict != "strict-resend":
        pytest.skip(f"the failure generation {strict} does not re-send")


@pytest.fixture
def hurried(lab: Lab, strict: str) -> Iterator[None]:
    """The generation that closes, with scheduled time six hundred times as fast."""
    if strict != "strict-close":
        pytest.skip(f"the failure generation {strict} does not close after a refusal")
    with running_at(lab, 600.0):
        yield


@pytest.mark.generation("strict-resend", "strict-close")
@pytest.mark.needs("events", "metrics")
@pytest.mark.usefixtures("strict")
@pytest.mark.requirement("HTTP-16.e")
def test_refused_uplink_is_lost_without_strict_mode(lab: Lab, faults: Faults, device: LabDevice) -> None:
    """Without strictMode a refused uplink is not sent again: it is told and counted as lost; the next one arrives."""
    faults.plan(Fault("refused", Nth(1), Status(503)))
    connection = connect_bin(lab, "/lenient", device)

    lost = device.send()
    faults.happened()
    rest = [device.send(), *lab.barrier(device)]
    await_success(lab, rest, connection.route)

    judge_several(lab, rest, connection)
    once = checks.Tried("the refused uplink is tried once", [lost.id], connection.route, least=1, most=1)
    lab.judge_alone(once, proves="HTTP-16.e")
    telling(lab, connection, lost.f_cnt, dev_eui=device.dev_eui)
    counted = metrics_of(lab, connection)["lastHour"]["uplinksLost"]
    lab.expect_seen("it is counted as lost", counted, {"is": 1}, f"{counted} lost")


@pytest.mark.generation("strict-resend")
@pytest.mark.usefixtures("resending")
@pytest.mark.requirement("HTTP-16.f")
def test_refused_uplink_is_sent_again_after_two_seconds(lab: Lab, faults: Faults, device: LabDevice) -> None:
    """strictMode true: refused once, the same uplink goes out again two seconds later, before those behind it."""
    faults.plan(Fault("refused", Nth(1), Status(503)))
    connection = connect_bin(lab, "/resent", device, strictMode=True)

    sent = [device.send(), device.send()]
    await_success(lab, sent, connection.route, after_s=2)

    judge_several(lab, sent, connection)
    first, second = deliveries(lab.history.events, connection.route)[:2]
    pause_s = second.arrived.monotonic_s - first.arrived.monotonic_s
    lab.expect("two seconds lie between the attempts", 1.98 <= pause_s <= 3.0, f"{pause_s:.2f} s", check="timing")


@pytest.mark.generation("strict-resend")
@pytest.mark.needs("events")
@pytest.mark.usefixtures("resending")
@pytest.mark.requirement("HTTP-16.f")
def test_uplink_is_given_up_after_three_resends(lab: Lab, faults: Faults, device: LabDevice) -> None:
    """strictMode true and refused four times: it is told as lost, and the uplink behind it arrives."""
    faults.plan(Fault("refused", FirstN(4), Status(500)))
    connection = connect_bin(lab, "/given-up", device, strictMode=True)

    lost, kept = device.send(), device.send()
    await_success(lab, [kept], connection.route, after_s=3 * 2)

    tries = [d for d in deliveries(lab.history.events, connection.route) if lost.id in d.ids]
    lab.expect_seen("it is tried four times in all", len(tries), {"is": 4}, f"{len(tries)} attempts")
    lab.judge(checks.none_lost(lab.history.events, [kept.id], connection.route))
    telling(lab, connection, lost.f_cnt, dev_eui=device.dev_eui)


@pytest.mark.generation("strict-close")
@pytest.mark.needs("clock", "states", "options")
@pytest.mark.usefixtures("hurried")
@pytest.mark.requirement("HTTP-16.g")
def test_refusal_closes_and_the_strategy_opens_again(lab: Lab, faults: Faults, devices: list[LabDevice]) -> None:
    """strictMode true: a refusal closes the connection; it opens again by its strategy, and everything arrives."""
    faults.plan(Fault("refused", Nth(1), Status(503)))
    connection = connect_bin(lab, "/closed", *devices, strictMode=True, reconnectStrategy="AGGRESSIVE")

    sent = [devices[0].send()]
    faults.happened()
    connection.wait_for_state("CLOSED", "CLOSING", "OPENING", "AUTHENTICATING")
    sent += [device.send() for device in devices]
    await_success(lab, sent, connection.route, after_s=4 * 60 / 600)

    judge_several(lab, sent, connection)
    connection.wait_for_state("OPENED")


@pytest.mark.generation("strict-close")
@pytest.mark.needs("clock", "options")
@pytest.mark.usefixtures("hurried")
@pytest.mark.requirement("HTTP-16.g")
def test_closed_connection_leaves_its_destination_alone(lab: Lab, faults: Faults, device: LabDevice) -> None:
    """AGGRESSIVE: the attempts after a refusal are three minutes apart, within a minute of dispersion."""
    faults.plan(Fault("refuses", Always(), Status(503)))
    connection = connect_bin(lab, "/attempts", device, strictMode=True, reconnectStrategy="AGGRESSIVE")

    device.send()
    faults.happened(count=4, after_s=10 * 60 / 600)

    times_s = [d.arrived.monotonic_s * 600.0 for d in deliveries(lab.history.events, connection.route)]
    minutes = [round((time_s - times_s[0]) / 60, 1) for time_s in times_s[1:4]]
    kept = len(minutes) == 3 and all(3 * n - 1.1 <= m <= 3 * n + 2 for n, m in enumerate(minutes, 1))
    lab.expect("the attempts come after 3, 6 and 9 minutes", kept, f"after {minutes} minutes", check="timing")
