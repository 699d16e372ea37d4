"""How a fake reports what happens at it: the emit contract, exchange numbers, and a bounded journal.

A fake calls `emit(hop, facts)` with plain data (str, int, float, bool, None, list, dict, and bytes under keys that
end in `raw`); what stands behind the call is the business of whoever made the fake.
"""

import itertools
import threading
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Any, NamedTuple

__all__ = ["Emit", "Entry", "Journal", "ignore", "next_exchange"]

Emit = Callable[[str, dict[str, Any]], None]

# Calling next() on a count is atomic in CPython, so fakes of several threads may share it.
_exchanges = itertools.count(1)


def next_exchange() -> int:
    """The number of a new exchange (a request with its answer, a publish with its PUBACK), unique in the process."""
    return next(_exchanges)


def ignore(hop: str, facts: dict[str, Any]) -> None:
    """Take a hop and forget it; the default of every fake."""


class Entry(NamedTuple):
    """One hop as it was emitted."""

    hop: str
    facts: dict[str, Any]


class Journal:
    """The last `capacity` hops in order of arrival; an Emit itself, and safe to read from another thread.

    `dropped` counts what the bound pushed out, so that nobody takes the rest for everything.
    """

    def __init__(self, capacity: int = 10_000) -> None:
        if capacity < 1:
            raise ValueError(f"capacity must be 1 or more, not {capacity}")
        self.capacity = capacity
        self._entries: deque[Entry] = deque(maxlen=capacity)
        self._total = 0
        self._waiting = 0
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)

    def __call__(self, hop: str, facts: dict[str, Any]) -> None:
        """Keep one hop."""
        with self._lock:
            self._entries.append(Entry(hop, facts))
            self._total += 1
            if self._waiting:
                self._changed.notify_all()

    @property
    def total(self) -> int:
        """How many hops came since the last clear, dropped ones included."""
        return self._total

    @property
    def dropped(self) -> int:
        """How many hops came since the last clear and are no longer kept."""
        return self._total - len(self._entries)

    def entries(self, hop: str | None = None) -> list[Entry]:
        """The kept entries, oldest first; only those of one hop when it is named."""
        with self._changed:
            return [entry for entry in self._entries if hop is None or entry.hop == hop]

    def facts(self, hop: str) -> list[dict[str, Any]]:
        """The facts of the kept entries of one hop, oldest first."""
        return [entry.facts for entry in self.entries(hop)]

    def clear(self) -> None:
        """Forget everything, the counts too."""
        with self._changed:
            self._entries.clear()
            self._total = 0

    def wait_for(self, hop: str, count: int = 1, *, timeout_s: float = 5.0) -> list[dict[str, Any]]:
        """Wait until `count` entries of a hop are kept and return their facts; for threads that run no event loop.

        Raises TimeoutError, which says what was awaited and what did arrive.
        """
        deadline = monotonic() + timeout_s
        with self._changed:
            self._waiting += 1
            try:
                while len(found := [entry.facts for entry in self._entries if entry.hop == hop]) < count:
                    if not self._changed.wait(deadline - monotonic()):
                        raise TimeoutError(self._miss(hop, count, len(found), timeout_s))
            finally:
                self._waiting -= 1
            return found

    def _miss(self, hop: str, count: int, found: int, timeout_s: float) -> str:
        hops = ", ".join(entry.hop for entry in list(self._entries)[-20:]) or "nothing"
        lost = f"; {self.dropped} earlier ones were dropped" if self.dropped else ""
        return f"expected {count} x {hop} in {timeout_s:g} s, got {found}; what did arrive: {hops}{lost}"
