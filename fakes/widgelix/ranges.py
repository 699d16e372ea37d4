"""The range of a history or a report: a named one such as "week", or a start and an end. No clock of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from uplab.fakes.widgelix.documents import DocumentError, parse_time
from uplab.fakes.widgelix.errors import InvalidError

__all__ = ["RANGES", "Range", "range_of"]

RANGES: Final[Mapping[str, timedelta]] = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}
"""The named ranges; each ends now."""


@dataclass(frozen=True, slots=True)
class Range:
    """From `start` to `end`, both inclusive and in UTC; None: open at that side."""

    start: datetime | None = None
    end: datetime | None = None


def range_of(parameters: Mapping[str, str], now: datetime) -> Range:
    """Read `from` and `to`, or `range`; with none of them everything is meant. Raises InvalidError.

    A start or an end is an ISO 8601 time with an offset, or a date: that day in UTC, from its
    start to its end.
    """
    start, end, named = (parameters.get(name, "").strip() for name in ("from", "to", "range"))
    if named and not (start or end):
        name = named.removeprefix("1 ").lower()
        if name not in RANGES:
            raise InvalidError("range", f"expected one of {', '.join(RANGES)}, not {named!r}")
        return Range(now - RANGES[name], now)
    chosen = Range(_moment("from", start), _moment("to", end, last=True))
    if chosen.start and chosen.end and chosen.start > chosen.end:
        raise InvalidError("from", f"{start} is after {end}")
    return chosen


def _moment(field: str, text: str, *, last: bool = False) -> datetime | None:
    if not text:
        return None
    try:
        if len(text) == len("2026-01-31"):
            day = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
            return day + timedelta(days=1, microseconds=-1) if last else day
        return parse_time(text)
    except (ValueError, OverflowError) as error:
        hint = " (a '+' in a query is written %2B)" if " " in text else ""
        cause = str(error) if isinstance(error, DocumentError) else f"expected a date or a time, not {text!r}"
        raise InvalidError(field, f"{cause}{hint}") from None
