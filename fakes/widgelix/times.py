"""Times as text: exact ones for programs, and "a minute ago" for people."""

from datetime import datetime, timedelta

__all__ = ["ago", "iso", "plain"]


def iso(time: datetime) -> str:
    """Return ISO 8601 with milliseconds, or with microseconds where they would be lost."""
    return time.isoformat(timespec="microseconds" if time.microsecond % 1000 else "milliseconds")


def plain(time: datetime) -> str:
    """Return the same for a table whose head names the zone: 2026-01-31 12:00:00.123."""
    return iso(time).replace("T", " ")[: -len("+00:00")]


def ago(time: datetime | None, now: datetime) -> str:
    """Say how long ago a time was, as the pages do."""
    if time is None:
        return "never"
    minutes = round((now - time) / timedelta(minutes=1))
    if now - time < timedelta(seconds=-45):
        return "in the future"
    if now - time < timedelta(seconds=45):
        return "a few seconds ago"
    if minutes < 45:
        return _counted(max(1, minutes), "a minute", "minutes")
    if minutes < 22 * 60:
        return _counted(max(1, round(minutes / 60)), "an hour", "hours")
    days = max(1, round(minutes / (24 * 60)))
    if days < 26:
        return _counted(days, "a day", "days")
    if days < 320:
        return _counted(max(1, round(days / 30.4)), "a month", "months")
    return _counted(max(1, round(days / 365)), "a year", "years")


def _counted(count: int, one: str, many: str) -> str:
    return f"{one} ago" if count == 1 else f"{count} {many} ago"
