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

from uplab.scenarios.history.event import Event, stored_line
from uplab.scenarios.history.identity import Ledger
from uplab.scenarios.history.lines import Events, Lines
from uplab.scenarios.history.reader import read_history
from uplab.scenarios.history.secrets import redact

__all__ = ["Event", "History", "of_hop", "read_history"]


class History:
    """Collects what the hops say. Any thread may emit; any thread may wait for a fact."""

    def __init__(self, ledger: Ledger, *, keep: int | None = None) -> None:
        self._ledger = ledger
        self._keep = keep  # lines in memory outside of a scenario; None keeps all
        self._lock = threading.RLock()
        self._news = threading.Condition(self._lock)
        self._lines = Lines(keep=keep)
        self._waiting: list[list[bytes]] = []  # for each who waits, what came meanwhile
        self._seq = 0
        self._wall_offset_s = time.time() - time.monotonic()
        self._second = (0, "")  # of the newest line, in seconds since 1970 and as text

    def emit(self, hop: str, facts: dict[str, Any]) -> None:
        """Appends one line; `raw` in the facts becomes the line's bytes."""
        now = time.monotonic()
        raw: bytes | None = None
        if "raw" not in facts:
            plain = redact(orjson.dumps(facts))
        else:
            said = facts.copy()
            plain, raw = _redacted(said.pop("raw"), orjson.dumps(said))
        with self._lock:
            ids = self._ledger.identify(hop, facts)
            doubt = 0 if ids else self._ledger.doubt(hop, facts)
            self._seq += 1
            line = stored_line(self._seq, now, self._wall(now), hop, ids, plain, raw, doubt)
            self._lines.append(line)
            if self._waiting:
                for news in self._waiting:
                    news.append(line)
                self._news.notify_all()

    def _wall(self, now_s: float) -> str:
        """A moment of the monotonic clock in ISO 8601; the text of its second serves for all its lines."""
        second, ms = divmod(int((self._wall_offset_s + now_s) * 1000), 1000)
        if second != self._second[0]:
            self._second = second, datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{self._second[1]}.{ms:03d}+00:00"

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
            lines = self._lines = Lines(path)
            self._ledger.begin()
        try:
            yield
        finally:
            with self._news:
                lines.close()
                self._lines = Lines(keep=self._keep)
                self._ledger.end()

    def wait_for(self, fact: Callable[[Event], bool], *, count: int = 1, timeout_s: float) -> list[Event]:
        """Waits until `count` events of the scenario meet the fact; returns those that do, fewer when time is up."""
        deadline = time.monotonic() + timeout_s
        news: list[bytes] = []
        with self._news:
            told = self._lines.view()
            self._waiting.append(news)
        try:
            met = list(filter(fact, told))
            while len(met) < count:
                with self._news:
                    while not news and (left_s := deadline - time.monotonic()) > 0:
                        self._news.wait(left_s)
                    came = Events(news.copy())
                    news.clear()
                if not came:
                    break
                met += filter(fact, came)
            return met
        finally:
            with self._news:
                self._waiting = [one for one in self._waiting if one is not news]


def _redacted(raw: bytes, plain: bytes) -> tuple[bytes, bytes]:
    """Facts and payload without secrets, filtered at once: a placeholder has the length of what it hides."""
    both = b"%b\0%b" % (plain, raw)  # no secret goes over a NUL
    clean = redact(both)
    return (plain, raw) if clean is both else (clean[: len(plain)], clean[len(plain) + 1 :])


def of_hop(events: Iterable[Event], *hops: str) -> list[Event]:
    """The events of some hops."""
    return [event for event in events if event.hop in hops]
