"""The history: one line for each thing that happened at a hop, in the order in which it was seen.

Simulator, fakes and the run itself call `emit(hop, facts)`; what they say (`hops.py`, HISTORY.md) is redacted, given
the ids of the documents it speaks of, and kept as one line of JSON. What a check sees is what is stored, so a stored
run can be judged again.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from uplab.scenarios.history.event import Event, Told, stored_lines
from uplab.scenarios.history.identity import Ledger
from uplab.scenarios.history.lines import Events, Lines
from uplab.scenarios.history.reader import read_history

__all__ = ["Event", "History", "of_hop", "read_history"]


class History:
    """Collects what the hops say. Any thread may emit; any thread may wait for a fact."""

    def __init__(self, ledger: Ledger, *, keep: int | None = None, between: Path | None = None) -> None:
        """`between` is a file for what is told outside of a scenario."""
        self._between = between
        self._ledger = ledger
        self._keep = keep  # lines in memory outside of a scenario; None keeps all
        self._lock = threading.RLock()
        self._news = threading.Condition(self._lock)
        self._lines = self._outside()
        self._waiting: list[list[Told]] = []  # for each who waits, what came meanwhile
        self._seq = 0
        self._wall_offset_s = time.time() - time.monotonic()
        self._second = (0, "")  # of the newest line, in seconds since 1970 and as text
        self._moment = (0, "")  # the same in milliseconds

    def emit(self, hop: str, facts: dict[str, Any]) -> None:
        """Appends one line; `raw` in the facts becomes the line's bytes."""
        self.tell(hop, facts)

    def tell(self, hop: str, facts: dict[str, Any]) -> int:
        """The same; the number of the line."""
        now = time.monotonic()
        raw: bytes | None = None
        if "raw" not in facts:
            plain = orjson.dumps(facts)
        else:
            said = facts.copy()
            raw = said.pop("raw")
            plain = orjson.dumps(said)
        with self._lock:
            ids = self._ledger.identify(hop, facts)
            doubt = 0 if ids else self._ledger.doubt(hop, facts)
            self._seq += 1
            told = (self._seq, now, self._wall(now), hop, ids, plain, raw, doubt)
            self._lines.append(told)
            if self._waiting:
                for news in self._waiting:
                    news.append(told)
                self._news.notify_all()
            return self._seq

    def _wall(self, now_s: float) -> str:
        """A moment of the monotonic clock in ISO 8601, to the millisecond; lines of one moment share its text."""
        moment = int((self._wall_offset_s + now_s) * 1000)
        if moment != self._moment[0]:
            second, ms = divmod(moment, 1000)
            if second != self._second[0]:
                self._second = second, datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
            self._moment = moment, f"{self._second[1]}.{ms:03d}+00:00"
        return self._moment[1]

    def _outside(self) -> Lines:
        return Lines(keep=self._keep) if self._between is None else Lines(self._between, append=True)

    @property
    def events(self) -> Sequence[Event]:
        """The events of the scenario that runs, so far."""
        with self._news:
            return self._lines.view()

    @property
    def mark(self) -> int:
        """The number of the newest event; `since` gives what came after it."""
        return self._seq

    def since(self, mark: int) -> Sequence[Event]:
        """The events after a mark, as far as they are of the scenario that runs."""
        with self._news:
            return self._lines.view(max(0, len(self._lines) - (self._seq - mark)))

    @contextmanager
    def scenario(self, path: Path) -> Iterator[None]:
        """Writes what happens inside to a file of its own; what came before is forgotten."""
        with self._news:
            self._lines.close()
            lines = self._lines = Lines(path)
            self._ledger.begin()
        try:
            yield
        finally:
            with self._news:
                lines.close()
                self._lines = self._outside()
                self._ledger.end()

    def close(self) -> None:
        """The run is over: what is told now is kept in no file."""
        with self._news:
            self._lines.close()

    def wait_for(
        self, fact: Callable[[Event], bool], *, count: int = 1, timeout_s: float, since: int = 0
    ) -> list[Event]:
        """Waits until `count` events of the scenario meet the fact; returns those that do, fewer when time is up.

        Those with a number up to `since` are not looked at.
        """
        deadline = time.monotonic() + timeout_s
        news: list[Told] = []
        with self._news:
            told = self._lines.view(max(0, len(self._lines) - (self._seq - since)))
            self._waiting.append(news)
        try:
            met = list(filter(fact, told))
            while len(met) < count:
                with self._news:
                    while not news and (left_s := deadline - time.monotonic()) > 0:
                        self._news.wait(left_s)
                    came = news.copy()
                    news.clear()
                if not came:
                    break
                met += filter(fact, Events(stored_lines(came)))
            return met
        finally:
            with self._news:
                self._waiting = [one for one in self._waiting if one is not news]


def of_hop(events: Iterable[Event], *hops: str) -> list[Event]:
    """The events of some hops."""
    return [event for event in events if event.hop in hops]
