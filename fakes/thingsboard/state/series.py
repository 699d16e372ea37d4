"""Telemetry of one device: the latest value of each key, and a bounded history.

A second value for the same key and time takes the place of the first; the latest value moves only to a time that is
not older (`SQL_TS_UPDATE_BY_LATEST_TIMESTAMP`); an older point enters the history all the same.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from uplab.fakes.thingsboard.state.payloads import Value

__all__ = ["Budget", "Point", "Series"]

Point = tuple[int, Value]  # time in ms, value
_Row = dict[str, Value]  # the values of one time


def _silent(_text: str) -> None:
    """The default of `notice`: the counts tell it as well."""


@dataclass(slots=True)
class Budget:
    """How much telemetry one fake keeps over all its devices, and how much it dropped for that.

    A row is what a device has for one time (ms); points are counted one for each key of a row. `notice` is told once
    for each bound that it bites; `dropped` goes on counting.
    """

    points: int = 1_000_000
    rows_per_device: int = 100_000
    keys_per_device: int = 5_000
    notice: Callable[[str], None] = _silent
    kept: int = 0
    dropped: int = 0
    _told: set[str] = field(default_factory=set)

    def fresh(self) -> "Budget":
        """The same bounds, with nothing kept yet."""
        return Budget(self.points, self.rows_per_device, self.keys_per_device, self.notice)

    def drop(self, points: int, bound: str) -> None:
        """Count points that were dropped, and say once which bound wanted it."""
        self.dropped += points
        if bound not in self._told:
            self._told.add(bound)
            self.notice(f"telemetry is dropped from now on: {bound}")


@dataclass(slots=True)
class Series:
    """The telemetry of one device."""

    budget: Budget
    # Kept by time, not by key: a message then costs one entry, whatever the number of its keys.
    _rows: dict[int, _Row] = field(default_factory=dict)
    _latest: dict[str, tuple[int, _Row]] = field(default_factory=dict)
    _newest_ms: int = -(1 << 63)
    dropped: int = 0  # points of this device that the budget has cost

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

    def delete(
        self, keys: Iterable[str], start_ms: int, end_ms: int, *, latest: bool = True, rewrite: bool = False
    ) -> list[str]:
        """Delete points of keys from `start_ms` on and before `end_ms`; the keys that have no latest value any more.

        `latest` says whether a latest value in that range goes as well, `rewrite` whether the newest one that is left
        takes its place (SqlTimeseriesLatestDao).
        """
        gone = []
        for key in keys:
            point = self.latest(key)
            for ts, row in self._rows.items():
                if start_ms <= ts < end_ms and key in row:
                    del row[key]
                    self.budget.kept -= 1
            if point is None or not start_ms <= point[0] < end_ms:
                continue
            left = self.history(key, -(1 << 63), 1 << 63, limit=1) if rewrite else []
            if not latest:
                self._latest[key] = (point[0], {key: point[1]})  # the history lost it, the latest value stays
            elif left:
                self._latest[key] = (left[0][0], {key: left[0][1]})
            else:
                del self._latest[key]
                gone.append(key)
        return gone

    def stored(self) -> dict[str, object]:
        """Rows and latest values as JSON-ready data; a latest value that is not in its row any more stands alone."""
        return {
            "rows": [[ts, row] for ts, row in self._rows.items()],
            "latest": {key: [ts, row[key]] for key, (ts, row) in self._latest.items()},
            "dropped": self.dropped,
        }

    @classmethod
    def restored(cls, budget: Budget, data: dict[str, Any]) -> "Series":
        """What `stored` gave."""
        series = cls(budget)
        for ts, row in data["rows"]:
            series.save(ts, row)
        for key, (ts, value) in data["latest"].items():
            if series.latest(key) != (ts, value):
                series._latest[key] = (ts, {key: value})
        series.dropped = data["dropped"]
        return series

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
        if len(taken) < len(values):
            self._drop(len(values) - len(taken), f"a device has at most {self.budget.keys_per_device} keys")
        return taken

    def _trim(self) -> None:
        budget = self.budget
        own = len(self._rows) > budget.rows_per_device
        bound = f"{budget.rows_per_device} times of one device" if own else f"{budget.points} points of all devices"
        # A tenth at once, so that sorting is paid for by the rows that follow.
        dropped = 0
        for ts in sorted(self._rows)[: max(1, len(self._rows) // 10)]:
            dropped += len(self._rows.pop(ts))
        budget.kept -= dropped
        self._drop(dropped, f"at most {bound} are kept, the oldest of that device go")

    def _drop(self, points: int, bound: str) -> None:
        self.dropped += points
        self.budget.drop(points, bound)
