"""The low message rate alarm: a recurring window of local time in which a connection must deliver enough uplinks.

The documents do not say when the rate is looked at. Here: at the end of each full hour since the window opened.
(They also call the same number a rate per minute once; the parameter's name, per hour, decides.)
"""

import math
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

__all__ = ["DAYS", "Alarm", "Recurrence", "next_check"]

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOUR_S = 3600.0
_WEEK = timedelta(days=7)
_YEARS = range(1900, 9000)  # far enough from the ends of the calendar for every zone and every recurrence


def _check_instant(text: str) -> str:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or "T" not in text or instant.tzinfo is None or instant.year not in _YEARS:
        raise PydanticCustomError(
            "instant", "must be an ISO 8601 time with its offset, such as 2019-01-31T09:00:00+01:00"
        )
    return text


def _check_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PydanticCustomError("zone", "must be a time zone such as Europe/Paris") from None
    return text


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=to_camel, defer_build=True)


_Instant = Annotated[str, AfterValidator(_check_instant), Field(json_schema_extra={"format": "date-time"})]
_Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Recurrence(_Model):
    """On which days the window comes again."""

    frequency: Literal["daily", "weekly"]
    by_days: list[_Day] = Field(default_factory=list, max_length=7)


class Alarm(_Model):
    """One alarm of a connection, as About_connections documents it."""

    start_time: _Instant
    end_time: _Instant
    timezone: Annotated[str, AfterValidator(_check_zone)] = "UTC"
    recurrence: list[Recurrence] = Field(default_factory=list, max_length=10)
    uplink_rate_min_per_hour: Annotated[int, Field(ge=1)]
    message: str = Field(default="", max_length=1000)

    @model_validator(mode="after")
    def _check_window(self) -> Self:
        start, end = self.first_window
        if end <= start:
            raise PydanticCustomError("window", "endTime must be later than startTime")
        if self.recurrence and end - start > _WEEK:
            raise PydanticCustomError("window", "a window that comes again may last a week at most")
        return self

    @property
    def first_window(self) -> tuple[datetime, datetime]:
        """Start and end of the first window, as local times of the alarm's time zone."""
        zone = ZoneInfo(self.timezone)
        start, end = datetime.fromisoformat(self.start_time), datetime.fromisoformat(self.end_time)
        return start.astimezone(zone), end.astimezone(zone)


def next_check(alarm: Alarm, after: float) -> float | None:
    """Give the next instant at which the past hour is judged, in seconds since 1970; None when there is none."""
    start, end = alarm.first_window
    if not alarm.recurrence:
        return _next_hour(start.timestamp(), end.timestamp(), after)
    today = datetime.fromtimestamp(after, UTC).astimezone(start.tzinfo).date()
    span = end.date() - start.date()
    # A window that is open now began as many days ago as it spans, and one comes again within a week.
    days = (today + timedelta(days=offset) for offset in range(-span.days, 9))
    found = [_next_check_of(day, start, end, after) for day in days if _comes_on(alarm, day, start.date())]
    return min((instant for instant in found if instant is not None), default=None)


def _comes_on(alarm: Alarm, day: date, first: date) -> bool:
    if day < first:
        return False
    weekday = DAYS[day.weekday()]
    for rule in alarm.recurrence:
        otherwise = DAYS if rule.frequency == "daily" else (DAYS[first.weekday()],)
        if weekday in (rule.by_days or otherwise):
            return True
    return False


def _next_check_of(day: date, start: datetime, end: datetime, after: float) -> float | None:
    """The next check of the window that opens on this day: at the same local times, also when clocks changed."""
    closes = day + (end.date() - start.date())
    opened_s = datetime.combine(day, start.time(), start.tzinfo).timestamp()
    return _next_hour(opened_s, datetime.combine(closes, end.time(), end.tzinfo).timestamp(), after)


def _next_hour(start_s: float, end_s: float, after: float) -> float | None:
    """The end of the first full hour of a window that is later than an instant."""
    hours = max(1, math.floor((after - start_s) / HOUR_S) + 1)
    instant = start_s + hours * HOUR_S
    return instant if instant <= end_s else None
