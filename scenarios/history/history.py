"""The history: one line for each thing that happened at a hop, in the order in which it was seen.

Simulator and fakes call `emit(hop, facts)`; what they say is redacted, given the ids of the documents it speaks of,
kept for the checks and written as one line of JSON. What a check sees is what is stored, so a stored run can be judged
again.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from uplab.scenarios.history.event import Event
from uplab.scenarios.history.identity import Ledger
from uplab.scenarios.history.reader import read_history
from uplab.scenarios.history.secrets import redact

__all__ = ["Event", "History", "of_hop", "read_history"]


class History:
    """Collects what the hops say. Any thread may emit; any thread may wait for a fact."""

    def __init__(self, ledger: Ledger, *, keep: int | None = None) -> None:
        self._ledger = ledger
        self._keep = keep  # events in memory; None keeps a scenario whole
        self._dropped = 0
        self._news = threading.Condition()
        self._events: list[Event] = []
        self._file: BinaryIO | None = None
        self._seq = 0
        self._wall_offset_s = time.time() - time.monotonic()

    def emit(self, hop: str, facts: dict[str, Any]) -> None:
        """Appends one line; `raw` in the facts becomes the line's bytes."""
        now = time.monotonic()
        with self._news:
            ids = tuple(self._ledger.identify(hop, facts))
            doubt = 0 if ids else self._ledger.doubt(hop, facts)
            raw = facts.get("raw")
            plain = {name: value for name, value in facts.items() if not name.endswith("raw")}
            dumped = orjson.dumps(plain)
            clean = redact(dumped)
            self._seq += 1
            event = Event(
                self._seq,
                round(now, 6),
                datetime.fromtimestamp(self._wall_offset_s + now, UTC).isoformat(timespec="milliseconds"),
                hop,
                ids,
                plain if clean is dumped else orjson.loads(clean),
                redact(raw) if isinstance(raw, bytes) else None,
                doubt,
            )
            self._events.append(event)
            if self._keep is not None and len(self._events) >= 2 * self._keep:
                del self._events[: self._keep]
                self._dropped += self._keep
            if self._file is not None:
                self._file.write(event.line())
            self._news.notify_all()

    @property
    def events(self) -> list[Event]:
        """The events of the scenario that runs, so far."""
        with self._news:
            return list(self._events)

    @property
    def mark(self) -> int:
        """The number of the newest event; `since` gives what came after it."""
        return self._seq

    def since(self, mark: int) -> list[Event]:
        """The events after a mark, as far as they are still in memory."""
        with self._news:
            return self._events[max(0, len(self._events) - (self._seq - mark)) :]

    @contextmanager
    def scenario(self, path: Path) -> Iterator[None]:
        """Writes what happens inside to a file of its own, and forgets at its end what it kept in memory."""
        with self._news:
            self._events.clear()
            self._dropped = 0
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("wb")
            self._ledger.begin()
        try:
            yield
        finally:
            with self._news:
                self._file.close()
                self._file = None
                self._ledger.end()

    def wait_for(self, fact: Callable[[Event], bool], *, count: int = 1, timeout_s: float) -> list[Event]:
        """Waits until `count` events of the scenario meet the fact; returns those that do, fewer when time is up."""
        deadline = time.monotonic() + timeout_s
        met: list[Event] = []
        seen = 0
        with self._news:
            while True:
                met += filter(fact, self._events[max(0, seen - self._dropped) :])
                seen = self._dropped + len(self._events)
                left_s = deadline - time.monotonic()
                if len(met) >= count or left_s <= 0:
                    return met
                self._news.wait(left_s)


def of_hop(events: Iterable[Event], *hops: str) -> list[Event]:
    """The events of some hops."""
    return [event for event in events if event.hop in hops]
