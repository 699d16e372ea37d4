"""Ledgers and arrivals of a load, read into its judge: while they are written, or afterwards from several machines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from heapq import merge
from pathlib import Path
from typing import Any, Final

from uplab.scenarios.load.files import Tail, streams
from uplab.scenarios.load.judging.judge import Judge
from uplab.scenarios.load.judging.series import Series
from uplab.scenarios.load.judging.under_way import Arrival

__all__ = ["SETUP", "Reading", "StoredLoadError", "judge_of", "stored"]

SETUP: Final = "setup.json"
"""In the folder of a load: its places, who is bound to which, and what its judge must know."""

LEDGER, ARRIVALS, EVENTS = "ledger-", "arrivals-", "events"
_MOST_SETUP: Final = 1 << 30
_AT_ONCE: Final = 1 << 22
_POST, _EXCHANGE = 8, 11  # members of a line


class StoredLoadError(Exception):
    """A folder holds no load that can be judged: one line."""


class Reading:
    """The streams of a load, and the judge to whom they are told."""

    def __init__(self, judge: Judge, folders: Sequence[Path], *, senders: int = 1) -> None:
        self._judge = judge
        self._senders = senders
        self._folders = list(folders)
        self._tails: dict[tuple[Path, str], Tail] = {}

    @property
    def apart(self) -> bool:
        """Whether any stream was written on another machine: latencies hold what their clocks differ by."""
        return any(tail.apart for tail in self._tails.values())

    @property
    def ledgers(self) -> list[Tail]:
        """What was posted, by sender."""
        return [tail for (_, name), tail in self._tails.items() if name.startswith(LEDGER)]

    @property
    def complete(self) -> bool:
        """Whether every sender's ledger is there and was ended in order: what is in none of them nobody has posted."""
        return len(self.ledgers) >= self._senders and all(tail.ended in ("over", "stopped") for tail in self.ledgers)

    def look(self) -> int:
        """Reads what there is now; how many lines. Posts first, so that few arrivals have to wait for theirs."""
        count = 0
        self._find()
        for tail in sorted(self._tails.values(), key=lambda one: one.stream.startswith(ARRIVALS)):
            for line in tail.read(_AT_ONCE):
                self._tell(line, tail.offset_us)
                count += 1
        return count

    def read_all(self) -> None:
        """Reads everything, by time, so that no more is under way at once than was."""
        self._find()
        for _, offset_us, line in merge(*map(_timed, self._tails.values()), key=lambda one: one[0]):
            self._tell(line, offset_us)

    def _find(self) -> None:
        for folder in self._folders:
            for name in streams(folder):
                if name.startswith((LEDGER, ARRIVALS, EVENTS)) and (folder, name) not in self._tails:
                    self._tails[folder, name] = Tail(folder, name)

    def _tell(self, line: list[Any], offset_us: int) -> None:
        judge = self._judge
        if len(line) == _EXCHANGE:
            if offset_us:
                line[6] += offset_us
                line[7] += offset_us
            judge.arrived(Arrival(*line))
        elif len(line) == _POST:
            dev_eui, kind, f_cnt, time_ms, digest, _, answered_us, outcome = line
            judge.posted(dev_eui, kind, f_cnt, time_ms, digest, answered_us + offset_us, outcome)
        elif line[0] == "ended":
            judge.ended(line[1] + offset_us)
        elif isinstance(line[0], int):
            judge.unreadable(line[0], line[1] + offset_us, line[2])


def _timed(tail: Tail) -> Iterator[tuple[int, int, list[Any]]]:
    """Each line with when it was written, about, on our clock."""
    for line in tail.read(1 << 62):
        written_us = line[7] if len(line) == _EXCHANGE else line[6] if len(line) == _POST else line[1]
        yield written_us + tail.offset_us, tail.offset_us, line


def judge_of(setup: Mapping[str, Any], *, begins_us: int) -> Judge:
    """The judge of a load, by its setup."""
    places = [(str(name), str(group)) for name, group in setup["places"]]
    groups = list(dict.fromkeys(group for _, group in places))
    return Judge(
        places,
        setup["bindings"],
        series=Series(begins_us, groups),
        late_after_us=round(setup["late_after_s"] * 1e6),
        ordered=setup["ordered"],
    )


def stored(folders: Sequence[Path]) -> tuple[dict[str, Any], Judge, Reading]:
    """A load that was stored, read and judged but for its end; one of the folders holds its setup."""
    there = [folder / SETUP for folder in folders if (folder / SETUP).is_file()]
    if not there:
        raise StoredLoadError(f"no {SETUP} in {', '.join(map(str, folders))}: name the folder of a load")
    if len(there) > 1:
        raise StoredLoadError(f"{there[0]} and {there[1]}: two loads; name the folders of one")
    try:
        setup: dict[str, Any] = json.loads(there[0].read_bytes()[:_MOST_SETUP])
        judge = judge_of(setup, begins_us=setup["begins_us"])
        reading = Reading(judge, folders, senders=int(setup.get("senders", 1)))
        reading.read_all()
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise StoredLoadError(f"{there[0].parent}: no load that can be read: {type(error).__name__}: {error}") from None
    except OSError as error:
        raise StoredLoadError(f"{error.filename}: {error.strerror}") from None
    return setup, judge, reading
