"""How a scenario waits: for a fact, with a deadline of the profile's, and never for a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from uplab.scenarios.checks.asked.answers import Awaited, time_was_up
from uplab.scenarios.history.secrets import redact_text
from uplab.scenarios.lab.connection import Shown
from uplab.scenarios.lab.judge import Judge
from uplab.scenarios.lab.witness import AnyPath, brings

if TYPE_CHECKING:
    from uplab.scenarios.checks.checks import Route
    from uplab.scenarios.history.history import Event
    from uplab.scenarios.lab.device import Sent
    from uplab.scenarios.under_test.deadlines import Deadlines

__all__ = ["Waiting"]

T = TypeVar("T")


class Waiting(Judge):
    """What a lab can wait for."""

    deadlines: Deadlines

    def poll(
        self,
        fetch: Callable[[], T],
        fact: Callable[[T], bool],
        *,
        awaited: str,
        timeout_s: float | None = None,
        shown: Shown | None = None,
        proves: str | None = None,
    ) -> T:
        """Asks again until the answer meets the fact; a failed verdict says what was awaited and what was last seen.

        What is no state, and has no deadline of its own, must be shown within `shown_s`. `shown` says which field of
        which answer of the API it is: then it can be judged again by the history.
        """
        timeout_s = self.deadlines.shown_s if timeout_s is None else timeout_s
        deadline = time.monotonic() + timeout_s
        pause = threading.Event()
        while True:
            seen = fetch()
            met = fact(seen)
            late = time.monotonic() > deadline
            if (met or late) and shown and (answer := self._newest("GET", shown.path)):
                self.judge_alone(Awaited(awaited, answer, shown.pointer, shown.among, timeout_s), proves=proves)
                return seen
            if met:
                self.expect(awaited, True, redact_text(str(seen))[:200], check="awaited", proves=proves)
                return seen
            if late:
                happened = time_was_up(timeout_s, seen, redact_text(str(seen))[:300])
                self.expect(awaited, False, happened, check="awaited", proves=proves)
            pause.wait(0.02)

    def await_delivery(self, sent: Sequence[Sent], to: Route) -> None:
        """Waits until each uplink was answered at its destination, or time is up; the checks say what is missing."""
        missing = {one.id for one in sent}
        exchanges: set[object] = set()

        def settled(event: Event) -> bool:
            if event.hop in ("destination.arrived", "destination.published") and to.takes(event.facts):
                exchanges.add(event.facts["exchange"])
                if isinstance(to, AnyPath):  # its answer has no id either
                    missing.difference_update([one.id for one in sent if brings(event, one, to)])
            if (
                event.hop in ("destination.answered", "destination.acknowledged")
                and event.facts["exchange"] in exchanges
            ):
                missing.difference_update(event.ids)
            return not missing

        self.history.wait_for(settled, timeout_s=self.deadlines.delivery_s)
