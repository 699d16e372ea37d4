"""The forwarder's own log around a time: its lines between two moments of the run.

The lab notes beside the log when each line came (`<log>.times`: seconds of the monotonic clock, and where in the log
the line begins), since a foreign forwarder's lines may tell no time.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from uplab.reports.text import one_line
from uplab.scenarios.history.bounds import open_regular

__all__ = ["Log", "LogLine", "read_log"]

TIMES = ".times"
_LINES = 60
_LINE = 300  # characters
_INDEX = 64_000_000  # bytes: two million lines


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log, and when it came."""

    at_s: float
    text: str


class Log:
    """The log of one worker's forwarder, read where it is asked about."""

    def __init__(self, path: Path, times: Sequence[float], places: Sequence[int]) -> None:
        self._path = path
        self._times = times
        self._places = places

    def between(self, begun_s: float, ended_s: float) -> tuple[tuple[LogLine, ...], int]:
        """The lines that came in this time, and how many more there were than are told."""
        first, last = bisect_left(self._times, begun_s), bisect_left(self._times, ended_s)
        told = min(last, first + _LINES)
        if first >= told:
            return (), 0
        try:
            with open_regular(self._path) as log:
                log.seek(self._places[first])
                end = self._places[told] if told < len(self._places) else None
                said = log.read(-1 if end is None else max(0, end - self._places[first]))[: _LINES * 4_000]
        except OSError:
            return (), 0
        lines = said.decode("utf-8", "replace").splitlines()
        shown = zip(self._times[first:told], lines, strict=False)
        return tuple(LogLine(at_s, one_line(text, _LINE)) for at_s, text in shown), last - told


def read_log(folder: Path, worker: str) -> Log | None:
    """The log of a run's worker; None where none was kept, or nobody noted when its lines came."""
    path = folder / "logs" / f"forwarder-{worker}.log"
    times: list[float] = []
    places: list[int] = []
    try:
        with open_regular(path.with_name(path.name + TIMES)) as index:
            for line in index.read(_INDEX).splitlines():
                at, _, place = line.partition(b" ")
                times.append(max(float(at), times[-1] if times else 0.0))
                places.append(max(int(place), places[-1] if places else 0))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return None if not times else Log(path, times[: len(places)], places)
    return Log(path, times, places)
