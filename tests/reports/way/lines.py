"""The made-up histories of tests, as lines and as events."""

from typing import Any

from tests.reports.sample import history_of
from uplab.reports.run import Line
from uplab.scenarios.history.event import Event

__all__ = ["events_of", "lines_of"]


def lines_of(kind: str, lines: int = 0) -> list[Line]:
    """The lines of a made-up history as a report reads them."""
    return [
        Line(row["seq"], row["monotonic_s"], row["hop"], _ids(row), row["facts"], row.get("raw"), 1)
        for row in history_of(kind, lines=lines)
    ]


def events_of(kind: str) -> list[Event]:
    """The same as events, with all their bytes."""
    return [
        Event(row["seq"], row["monotonic_s"], row["wall"], row["hop"], _ids(row), row["facts"], _raw(row))
        for row in history_of(kind)
    ]


def _ids(row: dict[str, Any]) -> tuple[str, ...]:
    return (row["id"],) if row["id"] else ()


def _raw(row: dict[str, Any]) -> bytes | None:
    return row["raw"].encode() if "raw" in row else None
