"""The counters of each connection: exact for the last hour and the last day, in minutes, and since the beginning.

The last hour is the minute that runs and the 59 before it; the last day the same with 1,439.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable

__all__ = ["DAY_MINUTES", "HOUR_MINUTES", "NAMES", "Metrics", "Tally"]

HOUR_MINUTES, DAY_MINUTES = 60, 1440

NAMES = ("uplinks", "uplinksDelivered", "uplinksFailed", "uplinksLost", "downlinks", "downlinksFailed")
"""Received, delivered, failed attempts, dropped; downlinks accepted, and refused or failed."""

Tally = tuple[int, str, int]
"""Connection, counter and minute since 1970; minute -1 is the sum since the beginning."""


class Metrics:
    """Counts by minute, and when each device last sent."""

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self._minutes: dict[tuple[int, str], Counter[int]] = defaultdict(Counter)
        self._totals: Counter[tuple[int, str]] = Counter()
        self._seen: dict[int, dict[str, float]] = defaultdict(dict)

    def add(self, connection_id: int, name: str, now: float, count: int = 1) -> None:
        """Count something that happened now."""
        minutes = self._minutes[connection_id, name]
        minute = int(now // 60)
        if minute not in minutes:
            for old in [kept for kept in minutes if kept <= minute - DAY_MINUTES]:
                del minutes[old]
        minutes[minute] += count
        self._totals[connection_id, name] += count

    def saw(self, connection_id: int, dev_eui: str, now: float) -> None:
        """Note that a device sent an uplink; that is what makes it active. A base station has no DevEUI and is none."""
        if dev_eui:
            self._seen[connection_id][dev_eui] = now

    def restore(self, tallies: Iterable[tuple[int, str, int, int]], seen: Iterable[tuple[int, str, float]]) -> None:
        """Take over what was stored."""
        for connection_id, name, minute, value in tallies:
            if minute < 0:
                self._totals[connection_id, name] = value
            else:
                self._minutes[connection_id, name][minute] = value
        for connection_id, dev_eui, at in seen:
            self.saw(connection_id, dev_eui, at)

    def forget(self, connection_id: int) -> None:
        """Drop the counters of a deleted connection."""
        for name in NAMES:
            self._minutes.pop((connection_id, name), None)
            self._totals.pop((connection_id, name), None)
        self._seen.pop(connection_id, None)

    def between(self, connection_id: int, name: str, start_s: float, end_s: float) -> int:
        """Sum a counter over the minutes from one instant up to another."""
        first, last = int(start_s // 60), int(end_s // 60)
        minutes: dict[int, int] = self._minutes.get((connection_id, name), Counter())
        return sum(value for minute, value in minutes.items() if first <= minute < last)

    def window(self, connection_id: int, minutes: int, now: float) -> dict[str, int]:
        """Give all counters of the last so many minutes, and how many devices were active in them."""
        end_s = (now // 60 + 1) * 60
        start_s = end_s - minutes * 60
        seen = self._seen.get(connection_id, {})
        for old in [dev_eui for dev_eui, at in seen.items() if at < end_s - DAY_MINUTES * 60]:
            del seen[old]
        active = sum(at >= start_s for at in seen.values())
        return {"activeThings": active} | {name: self.between(connection_id, name, start_s, end_s) for name in NAMES}

    def total(self, connection_id: int) -> dict[str, int]:
        """Give the counters of one connection since the beginning."""
        return {name: self._totals[connection_id, name] for name in NAMES}

    def waiting(self, connection_id: int) -> int:
        """How many messages were accepted and have neither been delivered nor dropped."""
        total = self.total(connection_id)
        return total["uplinks"] - total["uplinksDelivered"] - total["uplinksLost"]
