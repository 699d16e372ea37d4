"""The low message rate alarm: a recurring window of local time in which a connection must deliver enough uplinks.

The documents do not say when the rate is looked at. Here: at the end of each full hour since the window opened.
(They also call the same number a rate per minute once; the parameter's name, per hour, decides.)
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

__all__ = ["DAYS", "Alarm", "Recurrence", "next_check"]

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOUR_S = 3600.0


def _check_instant(text: str) -> str:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or "T" not in text or instant.tzinfo is None:
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
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=to_camel)


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


def next_check(alarm: Alarm, after: float) -> float | None:
    """Give the next instant at which the past hour is judged, in seconds since 1970; None when there is none."""
    zone = ZoneInfo(alarm.timezone)
    today = datetime.fromtimestamp(after, UTC).astimezone(zone).date()
    first = datetime.fromisoformat(alarm.start_time).astimezone(zone).date()
    for offset in range(-2, 9):  # a window lasts two days at most, and comes again within a week
        day = max(first, today + timedelta(days=offset))
        if not _comes_on(alarm, day, first):
            continue
        for instant in _hours(alarm, day, zone):
            if instant > after:
                return instant
    return None


def _comes_on(alarm: Alarm, day: date, first: date) -> bool:
    if not alarm.recurrence:
        return day == first
    weekday = DAYS[day.weekday()]
    for rule in alarm.recurrence:
        otherwise = DAYS if rule.frequency == "daily" else (DAYS[first.weekday()],)
        if weekday in (rule.by_days or otherwise):
            return True
    return False


def _hours(alarm: Alarm, day: date, zone: ZoneInfo) -> Iterator[float]:
    """The ends of the full hours of the window that opens on this day; a change of clocks moves the window with it."""
    start_local = datetime.fromisoformat(alarm.start_time).astimezone(zone)
    end_local = datetime.fromisoformat(alarm.end_time).astimezone(zone)
    start = datetime.combine(day, start_local.time(), zone).timestamp()
    end = datetime.combine(day, end_local.time(), zone).timestamp()
    if end_local.time() <= start_local.time():
        end = datetime.combine(day + timedelta(days=1), end_local.time(), zone).timestamp()
    instant = start + HOUR_S
    while instant <= end:
        yield instant
        instant += HOUR_S
