"""Bugs of the low message rate alarm: never told, told by the wrong clock or day, counted wrongly."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.forwarder.store import alarm
from uplab.simulator.forwarder.store.alarm import Alarm
from uplab.simulator.forwarder.watch import Watch

__all__ = ["BAD"]

BAD = Catalogue()
QUIET = "common/test_alarms.py::test_quiet_hour_is_told_once"
LOCAL = "common/test_alarms.py::test_window_goes_by_local_time_and_local_days"


@BAD.bad(
    "alarm-never",
    "alarms are taken and never told",
    requirement="COM-11.a",
    models="an option that is stored and not implemented",
    scenario=QUIET,
    check="seen",
)
def alarm_never(mark: Mark) -> None:
    """Judges nothing."""

    def make(_: Any) -> Any:
        def silent(_self: Watch, *_arguments: Any) -> None:
            mark()

        return silent

    swap(Watch, "_judge", make)


@BAD.bad(
    "alarm-at-the-minimum",
    "an hour with exactly the demanded number of uplinks raises the alarm too",
    requirement="COM-11.a",
    models="a bound that is off by one",
    scenario=QUIET,
    check="seen",
)
def alarm_at_the_minimum(mark: Mark) -> None:
    """Demands one more."""

    def make(judge: Any) -> Any:
        def strict(self: Watch, runner: Any, rule: Alarm, at: float) -> None:
            mark()
            more = rule.uplink_rate_min_per_hour + 1
            judge(self, runner, rule.model_copy(update={"uplink_rate_min_per_hour": more}), at)

        return strict

    swap(Watch, "_judge", make)


@BAD.bad(
    "alarm-by-fixed-offset",
    "windows go by the offset that startTime shows, and are an hour off after a change of clocks",
    requirement="COM-11.b",
    models="time zones kept as offsets",
    scenario=LOCAL,
    check="awaited",
)
def alarm_by_fixed_offset(mark: Mark) -> None:
    """Forgets the time zone."""

    def make(window: Any) -> Any:
        def fixed(self: Alarm) -> tuple[datetime, datetime]:
            mark()
            return datetime.fromisoformat(self.start_time), datetime.fromisoformat(self.end_time)

        assert window is not None
        return property(fixed)

    swap(Alarm, "first_window", make)


@BAD.bad(
    "alarm-on-utc-days",
    "the days of a window are those of UTC, not of its zone",
    requirement="COM-11.b",
    models="weekday taken from an instant in UTC",
    scenario=LOCAL,
    check="awaited",
)
def alarm_on_utc_days(mark: Mark) -> None:
    """Asks for the day that it is in UTC when the window opens."""

    def make(comes_on: Any) -> Any:
        def shifted(rule: Alarm, day: date, first: date) -> bool:
            mark()
            start, _ = rule.first_window
            opened = datetime.combine(day, start.time(), start.tzinfo).astimezone(UTC)
            found: bool = comes_on(rule, opened.date(), first)
            return found

        return shifted

    swap(alarm, "_comes_on", make)


@BAD.bad(
    "alarm-twice",
    "each alarm is told twice",
    requirement="COM-11.a",
    models="an event that every worker of a cluster makes for itself",
    scenario=QUIET,
    check="seen",
)
def alarm_twice(mark: Mark) -> None:
    """Judges the same hour again."""

    def make(judge: Any) -> Any:
        def twice(self: Watch, runner: Any, rule: Alarm, at: float) -> None:
            mark()
            judge(self, runner, rule, at)
            judge(self, runner, rule, at)

        return twice

    swap(Watch, "_judge", make)
