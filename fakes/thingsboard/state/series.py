"""Telemetry of one device: the latest value of each key, and a bounded history.

A second value for the same key and time takes the place of the first; the latest value moves only to a time that is
not older (`SQL_TS_UPDATE_BY_LATEST_TIMESTAMP`); an older point enters the history all the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from uplab.fakes.thingsboard.state.payloads import Value

__all__ = ["Budget", "Point", "Series"]

Point = tuple[int, Value]  # time in ms, value
_Row = dict[str, Value]  # the values of one time


@dataclass(slots=True)
class Budget:
    """How much telemetry one fake keeps over all its devices, and how much it dropped for that.

    A row is what a device has for one time (ms); points are counted one for each key of a row.
    """

    points: int = 1_000_000
    rows_per_device: int = 1_000
    keys_per_device: int = 5_000
    kept: int = 0
    dropped: int = 0


@dataclass(slots=True)
class Series:
    """The telemetry of one device."""

    budget: Budget
    # Kept by time, not by key: a message then costs one entry, whatever the number of its keys.
    _rows: dict[int, _Row] = field(default_factory=dict)
    _latest: dict[str, tuple[int, _Row]] = field(default_factory=dict)
    _newest_ms: int = -(1 << 63)

    def save(self, ts: int, values: dict[str, Value]) -> None:
        """Keep values of one time (ms); the dict becomes the series' own."""
        budget = self.budget
        if len(self._latest) + len(values) > budget.keys_per_device:
            values = self._known(values)
        row = self._rows.get(ts)
        if row is None:
            row = self._rows[ts] = values
            budget.kept += len(values)
        else:
            budget.kept -= len(row)
            row.update(values)
            budget.kept += len(row)
        entry = (ts, row)
        if ts >= self._newest_ms:
            self._newest_ms = ts
            self._latest.update(dict.fromkeys(values, entry))
        else:
            for key in values:
                if key not in self._latest or ts >= self._latest[key][0]:
                    self._latest[key] = entry
        if len(self._rows) > budget.rows_per_device or budget.kept > budget.points:
            self._trim()

    def keys(self) -> list[str]:
        """The keys that have a value, in the order of their first one."""
        return list(self._latest)

    def latest(self, key: str) -> Point | None:
        """The latest point of a key, if it has one."""
        found = self._latest.get(key)
        return (found[0], found[1][key]) if found else None

    def history(self, key: str, start_ms: int, end_ms: int, *, limit: int, newest_first: bool = True) -> list[Point]:
        """Points of a key from `start_ms` on and before `end_ms`, sorted by time."""
        inside = [(ts, row[key]) for ts, row in self._rows.items() if start_ms <= ts < end_ms and key in row]
        inside.sort(key=lambda point: point[0], reverse=newest_first)
        return inside[:limit]

    def forget(self, keys: Iterable[str]) -> None:
        """Delete keys with all their points."""
        for key in keys:
            self._latest.pop(key, None)
            for row in self._rows.values():
                self.budget.kept -= key in row
                row.pop(key, None)

    def _known(self, values: _Row) -> _Row:
        """Those values that the bound on keys lets in."""
        room = self.budget.keys_per_device - len(self._latest)
        taken: _Row = {}
        for key, value in values.items():
            if key in self._latest:
                taken[key] = value
            elif room > 0:
                taken[key] = value
                room -= 1
        self.budget.dropped += len(values) - len(taken)
        return taken

    def _trim(self) -> None:
        # A tenth at once, so that sorting is paid for by the rows that follow.
        for ts in sorted(self._rows)[: max(1, len(self._rows) // 10)]:
            points = len(self._rows.pop(ts))
            self.budget.kept -= points
            self.budget.dropped += points
