"""Counters: exactly what was delivered, failed and lost, and how many devices were active."""

import pytest

from uplab.fakes.faults import Fault, Nth, Status
from uplab.scenarios import CheckUnknown, Faults, Lab, LabConnection, LabDevice
from uplab.scenarios.suites.common.destination import connect_bin, metrics_of
from uplab.scenarios.suites.common.reports import uplink
from uplab.scenarios.suites.common.several import await_success, judge_several
from uplab.scenarios.suites.faults.pace import running_at, scheduled_s, wait_until
from uplab.scenarios.suites.faults.presumed import presume_trying_again

pytestmark = pytest.mark.needs("http", "api", "metrics")

HOUR_MIN = 59  # counters may go by whole minutes


def expect_counters(lab: Lab, connection: LabConnection, **wanted: int) -> None:
    """Waits until hour and day both show exactly these values."""
    spans = ("lastHour", "lastDay")
    shown = {f"/{span}/{name}": {"is": count} for span in spans for name, count in wanted.items()}
    lab.poll(lambda: metrics_of(lab, connection), shown, awaited=f"the counters {wanted}")


@pytest.mark.requirement("COM-12.a")
def test_counters_begin_at_zero(lab: Lab) -> None:
    """A new connection has counted nothing, whatever others did before."""
    connection = connect_bin(lab, "/zero")
    expect_counters(lab, connection, uplinks=0, uplinksDelivered=0, uplinksFailed=0, uplinksLost=0, downlinks=0)


@pytest.mark.needs("options")
@pytest.mark.requirement("COM-12.b")
def test_uplinks_are_counted_exactly(lab: Lab, faults: Faults, devices: list[LabDevice]) -> None:
    """Seven uplinks, one of them too old and one refused once: 7 received, 6 delivered, 1 failed, 1 lost."""
    presume_trying_again(lab)
    faults.plan(Fault("refused", Nth(2), Status(503)))
    connection = connect_bin(lab, "/counted", *devices, blamePeriod=1, uplinkTimeValidity="10m")

    lab.post(uplink(devices[0], age_s=3600.0))
    sent = [device.send() for _ in range(2) for device in devices]
    await_success(lab, sent, connection.route)

    judge_several(lab, sent, connection)
    expect_counters(lab, connection, uplinks=7, uplinksDelivered=6, uplinksFailed=1, uplinksLost=1)


@pytest.mark.requirement("COM-12.c")
def test_active_devices_are_counted_once(lab: Lab, devices: list[LabDevice]) -> None:
    """A device that sent is an active one, however often it sent; one that is bound and silent is none."""
    connection = connect_bin(lab, "/active-devices", *devices)

    sent = [devices[0].send(), devices[1].send(), devices[1].send()]
    lab.await_delivery(sent, connection.route)

    expect_counters(lab, connection, activeThings=2, uplinks=3)


@pytest.mark.needs("clock")
@pytest.mark.requirement("COM-12.f")
def test_hour_forgets_what_the_day_remembers(lab: Lab, device: LabDevice) -> None:
    """Two hours after an uplink the hour counts none, and the day still one; an uplink of now is in both."""
    with running_at(lab, 3600.0):  # an hour of the forwarder's schedules is a second
        connection = connect_bin(lab, "/hours", device)
        sent_s = scheduled_s(lab)
        lab.await_delivery([device.send()], connection.route)
        wait_until(lab, sent_s + 2 * 3600)
        lab.poll(
            lambda: metrics_of(lab, connection),
            {"/lastHour/uplinks": {"is": 0}, "/lastDay/uplinks": {"is": 1}},
            awaited="the hour at 0 and the day at 1",
        )


@pytest.mark.needs("clock")
@pytest.mark.requirement("COM-12.f")
def test_hour_goes_on_over_the_full_hour(lab: Lab, device: LabDevice) -> None:
    """The last hour is the sixty minutes that are over: an uplink of before the full hour is in it after that, too."""
    with running_at(lab, 360.0, minute=40):  # ten minutes of the forwarder's schedules are less than two seconds
        connection = connect_bin(lab, "/full-hour", device)
        sent_s = scheduled_s(lab)
        lab.await_delivery([device.send()], connection.route)
        wait_until(lab, (sent_s // 3600 + 1) * 3600 + 60)
        shown = metrics_of(lab, connection)
        over_min = (scheduled_s(lab) - sent_s) / 60
    if over_min >= HOUR_MIN:
        raise CheckUnknown(f"the lab asked {over_min:.0f} minutes after the uplink, and the hour was over")
    hour = shown["lastHour"]["uplinks"]
    lab.expect_seen(f"an uplink of {over_min:.0f} minutes ago is in the last hour", hour, {"is": 1}, proves="COM-12.f")


@pytest.mark.needs("downlinks")
@pytest.mark.requirement("COM-12.d")
def test_downlinks_are_counted_exactly(lab: Lab, device: LabDevice) -> None:
    """Two downlinks that were taken and one that was refused: 2 downlinks, 1 failed."""
    connection = connect_bin(lab, "/downlinks", device)
    downlink = {"DevEUI": device.dev_eui, "FPort": 5, "payload_hex": "aa"}

    for wrong in ({}, {}, {"FPort": 0}):
        lab.post_downlink(connection.downlink_url, {**downlink, **wrong})

    expect_counters(lab, connection, downlinks=2, downlinksFailed=1, uplinks=0)


@pytest.mark.requirement("COM-12.e")
def test_counters_of_two_connections_do_not_mix(lab: Lab, devices: list[LabDevice]) -> None:
    """Each connection counts its own uplinks."""
    one, other = connect_bin(lab, "/one", *devices[:1]), connect_bin(lab, "/other", *devices[1:])

    lab.await_delivery([devices[0].send()], one.route)
    lab.await_delivery([device.send() for device in devices[1:]], other.route)

    expect_counters(lab, one, uplinks=1, uplinksDelivered=1)
    expect_counters(lab, other, uplinks=2, uplinksDelivered=2)
