"""The reconnect strategies: attempts at the documented instants, within a minute by chance, whatever the traffic."""

import copy
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from uplab.fakes.faults import Always, Close, Fault, FirstN, Nth, RefuseConnect
from uplab.scenarios import Faults, Lab, LabDevice
from uplab.scenarios.suites.common.several import await_success
from uplab.scenarios.suites.faults.pace import running_at, scheduled_s, wait_until
from uplab.scenarios.suites.thingsboard.conftest import TELEMETRY

pytestmark = [
    pytest.mark.needs("thingsboard", "clock", "options", "reconnect"),
    pytest.mark.transport("mqtt", "mqtts"),
    pytest.mark.usefixtures("over_mqtt"),
]

RATE = 180.0  # three minutes of the forwarder's schedules are a second
EVERY_MIN = {"AGGRESSIVE": 3, "NORMAL": 5, "CALM": 10}
LAST_MIN = 12  # by then CALM's first attempt is due, also when it comes late
DISPERSION_MIN = 1.0
EARLY_MIN, LATE_MIN = 0.1, 1.0  # what a busy machine may add: half a tenth of a second, a third of one
SPREAD_MIN = 1 / 6


@pytest.fixture
def fast(lab: Lab) -> Iterator[None]:
    """Three minutes in a second."""
    with running_at(lab, RATE):
        yield


def attempts_min(lab: Lab, username: str, rate: float = RATE) -> list[float]:
    """When a connection tried to log in, in minutes of schedule after its first attempt; without that first one."""
    times_s = [
        event.monotonic_s
        for event in lab.history.events
        if event.hop == "destination.connected" and event.facts["username"] == username
    ]
    return [(time_s - times_s[0]) * rate / 60 for time_s in times_s[1:]]


@pytest.mark.usefixtures("fast")
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


@pytest.mark.usefixtures("fast")
@pytest.mark.requirement("COM-08.d")
def test_table_begins_anew_with_each_outage(lab: Lab, faults: Faults, body: dict[str, Any], device: LabDevice) -> None:
    """Opened at its third attempt, it delivers; when its session ends, the next one is due after 3 minutes again."""
    faults.plan(
        Fault("unavailable", FirstN(3), RefuseConnect(3)),
        Fault("ended", Nth(2), Close(), only=TELEMETRY.path),
        at=lab.thingsboard,
    )
    body["configuration"] |= {"reconnectStrategy": "AGGRESSIVE"}
    connection = lab.connect(body, TELEMETRY, device, state=None)
    every_min = EVERY_MIN["AGGRESSIVE"]
    for _ in range(2):  # the first one proves that the outage is over, the second one meets the end of the session
        await_success(lab, [device.send()], connection.route, after_s=4 * every_min * 60 / RATE)

    events = lab.history.events
    ended_s = next((e.monotonic_s for e in events if e.hop == "fault.delivered" and e.facts["fault"] == "ended"), None)
    again_s = [e.monotonic_s for e in events if e.hop == "destination.connected" and e.monotonic_s > (ended_s or 0.0)]
    minute = (again_s[0] - ended_s) * RATE / 60 if ended_s is not None and again_s else None
    lab.expect(
        f"the first attempt of a second outage comes after {every_min} minutes, within a minute",
        minute is not None
        and every_min - DISPERSION_MIN - EARLY_MIN <= minute <= every_min + DISPERSION_MIN + LATE_MIN,
        "it never came" if minute is None else f"it came after {minute:.2f} minutes",
        check="timing",
    )


class Later(NamedTuple):
    """A phase that comes after the first: it begins `after_min`, and is watched for so many attempts."""

    rate: float  # by which its first phase has no interval below a tenth of a second
    after_min: float
    every_min: float
    watched: int
    last: bool = False  # nothing is tried after it


LATER = {
    "CALM": Later(6000.0, 12 * 60, 60, 24, last=True),
    "NORMAL": Later(3000.0, 60, 60, 6),
    "AGGRESSIVE": Later(1800.0, 180, 30, 6),
}
LATE_SHARE = 0.4  # of an interval, by which a busy machine may be late, and is not taken for another phase


@pytest.mark.full
@pytest.mark.parametrize("strategy", LATER)
@pytest.mark.requirement("COM-08.a")
def test_later_phases_of_the_table_come_after_the_first(
    lab: Lab, faults: Faults, body: dict[str, Any], device: LabDevice, strategy: str
) -> None:
    """After 72, 12 or 60 attempts the next ones are an hour, an hour, half an hour apart; CALM ends after a day."""
    phase = LATER[strategy]
    with running_at(lab, phase.rate):
        faults.plan(Fault("unavailable", Always(), RefuseConnect(3)), at=lab.thingsboard)
        body["configuration"] |= {"username": "later@uplab.test", "reconnectStrategy": strategy}
        lab.connect(body, TELEMETRY, device, state=None)
        faults.happened()
        begun_s = scheduled_s(lab)
        due = [phase.after_min + n * phase.every_min for n in range(1, phase.watched + 1)]
        wait_until(lab, begun_s + 60 * (due[-1] + (3 if phase.last else 0.9) * phase.every_min))
        found = attempts_min(lab, "later@uplab.test", phase.rate)

    late_min = LATE_SHARE * phase.every_min
    there = [minute for minute in found if minute > phase.after_min + late_min]
    shown = ", ".join(f"{minute / 60:.2f}" for minute in there)
    kept = len(there) == len(due) and all(
        -DISPERSION_MIN - EARLY_MIN <= minute - wanted <= DISPERSION_MIN + late_min
        for minute, wanted in zip(there, due, strict=True)
    )
    lab.expect(
        f"{strategy} tries every {phase.every_min:g} minutes after {phase.after_min / 60:g} hours"
        + (", and no more after a day" if phase.last else ""),
        kept,
        f"{len(found)} attempts; after those hours at {shown or 'no'} hours",
        check="timing",
    )
