"""Low message rate alarms: a quiet hour of a window is told once, by the window's own local time."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from uplab.scenarios import Lab, LabConnection, LabDevice
from uplab.scenarios.lab.heartbeat import LabLateError
from uplab.scenarios.suites.common.destination import attempt, connect_bin, events_of, http_body
from uplab.scenarios.suites.faults.pace import running_at, scheduled_s, wait_until

pytestmark = pytest.mark.needs("http", "api", "events", "alarms")

# What an hour of the forwarder's schedules lasts, at the first try and where that was too short for this machine.
HOUR_LASTS_S = (2.0, 12.0)
HOUR_S = 3600.0
MOST_AHEAD_S = 0.9 * HOUR_S
MINIMUM = 3
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@pytest.fixture
def hour_lasts_s(lab: Lab) -> float:
    """How long an hour of the forwarder's schedules lasts in this try."""
    return HOUR_LASTS_S[min(lab.tries, len(HOUR_LASTS_S)) - 1]


@pytest.fixture
def opens(lab: Lab, hour_lasts_s: float) -> Iterator[datetime]:
    """The full minute at which the windows open, on a forwarder whose hours are short.

    Until then their alarms must be set. That is given half an hour, and as long as the forwarder took to start: where
    the one takes long, the other does too. It is never a whole hour, so that the hour before is not judged by anybody.
    """
    begun_s = time.monotonic()
    with running_at(lab, HOUR_S / hour_lasts_s):
        ahead_s = HOUR_S / 2 + (time.monotonic() - begun_s) * HOUR_S / hour_lasts_s
        yield datetime.fromtimestamp((scheduled_s(lab) + min(ahead_s, MOST_AHEAD_S)) // 60 * 60, UTC)


def alarm(opens: datetime, message: str, *, days: tuple[str, ...] = (), **changes: Any) -> dict[str, Any]:
    """An alarm whose window lasts one hour and comes on these days, or every day."""
    often = {"frequency": "weekly", "byDays": list(days)} if days else {"frequency": "daily"}
    return {
        "startTime": opens.isoformat(),
        "endTime": (opens + timedelta(hours=1)).isoformat(),
        "timezone": "UTC",
        "recurrence": [often],
        "uplinkRateMinPerHour": MINIMUM,
        "message": message,
        **changes,
    }


def watched(lab: Lab, path: str, *alarms: dict[str, Any], devices: tuple[LabDevice, ...] = ()) -> LabConnection:
    """A connection with these alarms."""
    connection = connect_bin(lab, path, *devices)
    connection.replace({**http_body(path), "alarms": list(alarms)})
    return connection


def expect_in_time(lab: Lab, instant: datetime, what: str) -> None:
    """What the scenario does within the forwarder's hour must be done by then, else it proves nothing."""
    if scheduled_s(lab) >= instant.timestamp():
        raise LabLateError(f"this machine was too slow: {what} took longer than the window allows")


def told(lab: Lab, connection: LabConnection, *messages: str) -> list[str]:
    """Which of the alarms' messages the connection's events hold, each as often as it is told, in order."""
    texts = [str(event) for event in events_of(lab, connection)]
    return sorted(message for text in texts for message in messages if message in text)


@pytest.mark.requirement("COM-11.a")
def test_quiet_hour_is_told_once(lab: Lab, opens: datetime, hour_lasts_s: float, devices: list[LabDevice]) -> None:
    """With at least three uplinks an hour demanded, none and two are told once, with the message; three are not."""
    # Given three connections with the same alarm
    rates = {"silent": 0, "below": MINIMUM - 1, "enough": MINIMUM}
    one = alarm(opens, "Low rate during the hour of the test")
    connections = {
        name: watched(lab, f"/{name}", one, devices=(device,)) for name, device in zip(rates, devices, strict=True)
    }
    expect_in_time(lab, opens, "creating the connections")

    # When the window is open and the devices send as often as that
    wait_until(lab, opens.timestamp())
    for (name, count), device in zip(rates.items(), devices, strict=True):
        lab.await_delivery([device.send() for _ in range(count)], connections[name].route)
    expect_in_time(lab, opens + timedelta(hours=1), "sending")

    # Then
    for name in ("silent", "below"):
        lab.poll(
            lambda name=name: told(lab, connections[name], one["message"]),  # type: ignore[misc]
            bool,
            awaited=f"the alarm of the connection {name}",
            timeout_s=lab.deadlines.shown_s + hour_lasts_s,
        )
    threading.Event().wait(lab.profile.settle_s)
    wanted = {"silent": 1, "below": 1, "enough": 0}
    found = {name: len(told(lab, connection, one["message"])) for name, connection in connections.items()}
    lab.expect_seen("the alarm is told once for 0 and for 2 uplinks, and not for 3", found, {"is": wanted})


def in_other_season(opens: datetime) -> datetime:
    """The same local time of a zone on a day when its clocks stood an hour later.

    Of two zones the one that keeps standard time now: who goes by the offset that startTime shows is then an hour
    early, in an hour that is not judged, and stays silent.
    """
    zones = (ZoneInfo("Europe/Paris"), ZoneInfo("Australia/Sydney"))
    zone = next((zone for zone in zones if not opens.astimezone(zone).dst()), zones[0])
    local = opens.astimezone(zone)
    months = (local - timedelta(days=30 * number) for number in range(1, 13))
    return next(before for before in months if before.utcoffset() != local.utcoffset())


@pytest.mark.requirement("COM-11.b")
def test_window_goes_by_local_time_and_local_days(lab: Lab, opens: datetime) -> None:
    """Windows follow the clocks of their zone over a change of season, and the days as they are called there."""
    # Given a zone where clocks changed since, and one where today is another day than in UTC
    season = in_other_season(opens)
    far = ZoneInfo("Pacific/Kiritimati" if opens.hour >= 10 else "Pacific/Honolulu")
    first = (opens - timedelta(days=14)).astimezone(far)
    there, here = DAYS[opens.astimezone(far).weekday()], DAYS[opens.weekday()]
    open_windows = {
        "by the clocks": alarm(season, "by the clocks", timezone=str(season.tzinfo)),
        "on the day there": alarm(first, "on the day there", timezone=far.key, days=(there,)),
    }
    closed_windows = {
        "on the day in UTC": alarm(first, "on the day in UTC", timezone=far.key, days=(here,)),
        "six hours later": alarm(opens + timedelta(hours=6), "six hours later"),
    }
    windows = open_windows | closed_windows
    connection = watched(lab, "/local", *windows.values())
    expect_in_time(lab, opens, "creating the connection")

    # When the hour has passed in silence
    wait_until(lab, (opens + timedelta(hours=1)).timestamp())

    # Then the windows that were open are told, and no other
    lab.poll(
        lambda: told(lab, connection, *windows),
        lambda found: set(open_windows) <= set(found),
        awaited=f"the alarms {' and '.join(open_windows)}",
    )
    threading.Event().wait(lab.profile.settle_s)
    found = told(lab, connection, *windows)
    lab.expect_seen("only the windows that were open are told, once each", found, {"is": sorted(open_windows)})


WRONG: dict[str, tuple[str, Any]] = {
    "no-offset": ("startTime", "2026-01-05T09:00:00"),
    "time-only": ("endTime", "18:00"),
    "ends-before-it-starts": ("endTime", "2019-01-31T08:00:00+01:00"),
    "unknown-zone": ("timezone", "Mars/Olympus"),
    "unknown-day": ("recurrence", [{"frequency": "weekly", "byDays": ["Montag"]}]),
    "rate-text": ("uplinkRateMinPerHour", "15"),
    "rate-zero": ("uplinkRateMinPerHour", 0),
    "unknown-key": ("uplinkRateMinPerMinute", 15),
}


@pytest.mark.parametrize(("key", "value"), WRONG.values(), ids=WRONG)
@pytest.mark.requirement("COM-11.c")
@pytest.mark.needs("validation")
def test_wrong_alarm_is_refused_by_field(lab: Lab, key: str, value: Any) -> None:
    """An alarm that nobody can follow answers 400, and the message names what is wrong."""
    example = alarm(datetime(2019, 1, 31, 9, tzinfo=ZoneInfo("Europe/Paris")), "Low rate", **{key: value})

    answer = attempt(lab, {**http_body("/alarm"), "alarms": [example]})

    shown = f"{answer.status_code} {answer.text[:300]}"
    lab.expect_seen(f"{key} {value!r} is refused with 400", answer.status_code, {"is": 400}, shown)
    lab.expect_seen(f"the message names {key}", str(answer.json().get("message")), {"holds": key}, shown)
