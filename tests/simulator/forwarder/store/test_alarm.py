from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import pytest
from pydantic import ValidationError

from uplab.simulator.forwarder.store.alarm import Alarm, next_check

OFFICE: dict[str, Any] = {
    "startTime": "2019-01-31T09:00:00+01:00",
    "endTime": "2019-01-31T18:00:00+01:00",
    "timezone": "Europe/Paris",
    "recurrence": [{"frequency": "weekly", "byDays": ["monday", "tuesday", "wednesday", "thursday", "friday"]}],
    "uplinkRateMinPerHour": 15,
    "message": "Low rate during business day...",
}


def checks(after: str, **changes: Any) -> Iterator[str]:
    alarm = Alarm.model_validate(OFFICE | changes)
    at: float | None = datetime.fromisoformat(after).timestamp()
    while at is not None and (at := next_check(alarm, at)) is not None:
        yield datetime.fromtimestamp(at).astimezone(datetime.fromisoformat(after).tzinfo).isoformat(timespec="minutes")


def test_each_full_hour_of_the_window_is_judged() -> None:
    found = list(islice(checks("2026-01-05T08:00:00+01:00"), 10))  # a Monday

    assert found[:9] == [f"2026-01-05T{hour:02}:00+01:00" for hour in range(10, 19)]
    assert found[9] == "2026-01-06T10:00+01:00"


def test_weekend_is_left_out() -> None:
    assert next(checks("2026-01-09T18:00:00+01:00")) == "2026-01-12T10:00+01:00"


def test_window_keeps_local_time_over_a_change_of_clocks() -> None:
    assert next(checks("2026-03-27T17:30:00+01:00")) == "2026-03-27T18:00+01:00"
    assert next(checks("2026-03-30T00:00:00+02:00")) == "2026-03-30T10:00+02:00"


def test_window_over_midnight_ends_the_next_day() -> None:
    night = {"startTime": "2019-01-31T22:00:00+01:00", "endTime": "2019-02-01T02:00:00+01:00"}
    found = list(islice(checks("2026-01-05T20:00:00+01:00", **night), 4))

    assert found == ["2026-01-05T23:00+01:00", *(f"2026-01-06T0{hour}:00+01:00" for hour in range(3))]


def test_window_without_recurrence_comes_once() -> None:
    assert len(list(checks("2019-01-30T00:00:00+01:00", recurrence=[]))) == 9
    assert list(checks("2026-01-05T08:00:00+01:00", recurrence=[])) == []


def test_window_begins_on_its_first_day() -> None:
    late = {"startTime": "2026-01-08T09:00:00+01:00", "endTime": "2026-01-08T18:00:00+01:00"}
    assert next(checks("2026-01-05T08:00:00+01:00", **late)) == "2026-01-08T10:00+01:00"


def test_window_over_a_weekend_is_one_window() -> None:
    weekend = {
        "startTime": "2026-01-09T20:00:00+01:00",
        "endTime": "2026-01-11T20:00:00+01:00",
        "recurrence": [{"frequency": "weekly"}],
    }
    found = list(islice(checks("2026-01-17T12:30:00+01:00", **weekend), 33))

    assert found[0] == "2026-01-17T13:00+01:00"
    assert found[31:] == ["2026-01-18T20:00+01:00", "2026-01-23T21:00+01:00"]


def test_long_window_without_recurrence_is_judged_to_its_end() -> None:
    year = {"startTime": "2026-01-01T00:00:00+01:00", "endTime": "2027-01-01T00:00:00+01:00", "recurrence": []}
    assert list(checks("2026-12-31T21:59:00+01:00", **year)) == [
        "2026-12-31T22:00+01:00",
        "2026-12-31T23:00+01:00",
        "2027-01-01T00:00+01:00",
    ]


def test_daily_window_comes_every_day() -> None:
    assert next(checks("2026-01-10T08:00:00+01:00", recurrence=[{"frequency": "daily"}])) == "2026-01-10T10:00+01:00"


@pytest.mark.parametrize(
    "changes",
    [
        {"startTime": "09:00"},
        {"startTime": "2019-01-31T09:00:00"},
        {"startTime": "0001-01-01T01:16:54+18:23"},
        {"endTime": "9999-12-31T23:59:59-18:23"},
        {"endTime": "2019-01-31T09:00:00+01:00"},
        {"endTime": "2019-01-30T18:00:00+01:00"},
        {"endTime": "2019-02-08T09:00:00+01:00"},
        {"timezone": "Mars/Olympus"},
        {"timezone": "../etc/passwd"},
        {"recurrence": [{"frequency": "monthly"}]},
        {"recurrence": [{"frequency": "weekly", "byDays": ["Montag"]}]},
        {"uplinkRateMinPerHour": 0},
        {"uplinkRateMinPerHour": "15"},
        {"unknown": 1},
    ],
)
def test_wrong_alarm_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Alarm.model_validate(OFFICE | changes)
