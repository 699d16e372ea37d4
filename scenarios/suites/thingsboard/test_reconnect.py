"""The reconnect strategies: attempts at the documented instants, within a minute by chance, whatever the traffic."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from uplab.fakes.faults import Always, Fault, RefuseConnect
from uplab.scenarios import Lab, LabDevice
from uplab.scenarios.suites.faults.pace import running_at, scheduled_s, wait_until
from uplab.scenarios.suites.faults.plan import Faults
from uplab.scenarios.suites.thingsboard.conftest import TELEMETRY

pytestmark = [
    pytest.mark.needs("thingsboard", "clock", "options", "reconnect"),
    pytest.mark.usefixtures("over_mqtt"),
]

RATE = 180.0  # three minutes of the forwarder's schedules are a second
EVERY_MIN = {"AGGRESSIVE": 3, "NORMAL": 5, "CALM": 10}
LAST_MIN = 12  # by then CALM's first attempt is due, also when it comes late
DISPERSION_MIN = 1.0
EARLY_MIN, LATE_MIN = 0.1, 1.0  # what a busy machine may add: half a tenth of a second, a third of one
SPREAD_MIN = 1 / 6


@pytest.fixture(autouse=True)
def _fast(lab: Lab) -> Iterator[None]:
    with running_at(lab, RATE):
        yield


def attempts_min(lab: Lab, username: str) -> list[float]:
    """When a connection tried to log in, in minutes of schedule after its first attempt; without that first one."""
    times_s = [
        event.monotonic_s
        for event in lab.history.events
        if event.hop == "destination.connected" and event.facts["username"] == username
    ]
    return [(time_s - times_s[0]) * RATE / 60 for time_s in times_s[1:]]


@pytest.mark.requirement("COM-08.a", "COM-08.b")
def test_attempts_come_at_the_documented_instants_whatever_the_traffic(
    lab: Lab, faults: Faults, body: dict[str, Any], devices: list[LabDevice]
) -> None:
    """Every 3, 5 and 10 minutes after the first refusal, each up to a minute off and not all alike, under traffic."""
    # Given a server that is not available, and a connection of each strategy
    faults.plan(Fault("unavailable", Always(), RefuseConnect(3)), at=lab.thingsboard)
    for strategy, device in zip(EVERY_MIN, devices, strict=True):
        account = {"username": f"{strategy.lower()}@uplab.test", "reconnectStrategy": strategy}
        own = copy.deepcopy(body)
        own["configuration"] |= account
        lab.connect(own, TELEMETRY, device, state=None)
    faults.happened(count=len(EVERY_MIN))
    begun_s = scheduled_s(lab)

    # When the devices go on sending, each once a minute
    for minute in range(1, LAST_MIN + 1):
        wait_until(lab, begun_s + 60 * minute)
        for device in devices:
            device.send()

    # Then
    off: list[float] = []
    for strategy, every in EVERY_MIN.items():
        found = attempts_min(lab, f"{strategy.lower()}@uplab.test")
        due = [n * every for n in range(1, LAST_MIN // every + 1) if n * every + DISPERSION_MIN <= LAST_MIN - 1]
        kept = len(found) >= len(due) and all(
            n * every - DISPERSION_MIN - EARLY_MIN <= minute <= n * every + DISPERSION_MIN + LATE_MIN
            for n, minute in enumerate(found, 1)
        )
        shown = ", ".join(f"{minute:.2f}" for minute in found)
        lab.expect(
            f"{strategy} tries again every {every} minutes, within a minute",
            kept,
            f"at least {len(due)} by minute {LAST_MIN} were due; they came after {shown or 'no'} minutes",
            check="timing",
        )
        off += [minute - n * every for n, minute in enumerate(found, 1)]
    spread = max(off) - min(off)
    lab.expect_seen(
        "the attempts are dispersed, so that connections do not start at once",
        spread,
        {"least": SPREAD_MIN},
        f"all of {len(off)} attempts lay within {60 * spread:.1f} s of each other",
        proves="COM-08.b",
    )
