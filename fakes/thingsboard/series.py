"""Telemetry of one device: the latest value of each key, and a bounded history.

A second value for the same key and time takes the place of the first; the latest value moves only to a time that is
not older (`SQL_TS_UPDATE_BY_LATEST_TIMESTAMP`); an older point enters the history all the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from fakes.thingsboard.payloads import Value

__all__ = ["Budget", "Point", "Series"]

Point = tuple[int, Value]  # time in ms, value


@dataclass(slots=True)
class Budget:
    """How much telemetry one fake keeps over all its devices, and how much it dropped for that."""

    points: int = 1_000_000
    points_per_key: int = 1_000
    keys_per_device: int = 5_000
    kept: int = 0
    dropped: int = 0


@dataclass(slots=True)
class Series:
    """The telemetry of one device."""

    budget: Budget
    latest: dict[str, Point] = field(default_factory=dict)
    _history: dict[str, dict[int, Value]] = field(default_factory=dict)

    def save(self, ts: int, values: dict[str, Value]) -> None:
        """Keep values of one time (ms)."""
        latest, history, budget = self.latest, self._history, self.budget
        for key, value in values.items():
            last = latest.get(key)
            if last is None:
                if len(latest) >= budget.keys_per_device:
                    budget.dropped += 1
                    continue
                latest[key] = (ts, value)
                points = history[key] = {}
            else:
                if ts >= last[0]:
                    latest[key] = (ts, value)
                points = history[key]
            if ts not in points:
                budget.kept += 1
            points[ts] = value
            if len(points) > budget.points_per_key or budget.kept > budget.points:
                self._trim(points)

    def history(self, key: str, start_ms: int, end_ms: int, *, limit: int, newest_first: bool = True) -> list[Point]:
        """Points of a key from `start_ms` on and before `end_ms`, sorted by time."""
        points = self._history.get(key, {})
        inside = sorted((ts for ts in points if start_ms <= ts < end_ms), reverse=newest_first)
        return [(ts, points[ts]) for ts in inside[:limit]]

    def forget(self, keys: Iterable[str]) -> None:
        """Delete keys with all their points."""
        for key in keys:
            self.latest.pop(key, None)
            self.budget.kept -= len(self._history.pop(key, {}))

    def _trim(self, points: dict[int, Value]) -> None:
        # A tenth at once, so that sorting is paid for by the points that follow.
        oldest = sorted(points)[: max(1, len(points) // 10)]
        for ts in oldest:
            del points[ts]
        self.budget.kept -= len(oldest)
        self.budget.dropped += len(oldest)
