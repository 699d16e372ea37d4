"""The lab's own pulse: whether this machine kept the lab waiting, so that a missed deadline is nobody else's fault.

Two beats are due every `EVERY_S`: one on the loop of network and fakes, one in a thread like the scenario's own. A beat
that comes late, or has not come yet, says by how much nothing of the lab could run. The worst since the scenario's
start counts. A forwarder on the same machine has then waited as long at least. It may have waited longer: a machine
that is shared by many lets each run for a moment, so that no beat is late, and what needs more than a moment comes to
no end. The kernel counts for how long it was ready and did not run.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from uplab.scenarios.checks.verdict import CheckUnknown, Verdict
from uplab.scenarios.lab.loop import LoopThread

__all__ = ["EVERY_S", "LATE_S", "STARVED", "TIMED", "Heartbeat", "LabLateError", "Pulse"]

EVERY_S = 0.05
LATE_S = 0.25
"""From here on the lab was late: a quarter of the shortest deadline that a document names (COM-19, a second)."""

STARVED = 0.5
"""Who was ready to run and kept waiting for half of the time had not one processor for itself, but part of one."""

TIMED = frozenset({"none lost", "within", "awaited", "answer", "timing", "blame period", "delivery policy"})
"""The checks that a machine which stands still can break: each of them waits for something, or compares times."""


class LabLateError(CheckUnknown):
    """The lab itself was not in time for what it had to do; a later try may be."""


@dataclass(slots=True)
class Pulse:
    """One beat, again and again. Times are seconds of any clock that goes on evenly."""

    due_s: float
    worst_s: float = 0.0

    def beat(self, now_s: float) -> None:
        """It has come; the next is due after the usual time."""
        self.worst_s = self.lateness_s(now_s)
        self.due_s = now_s + EVERY_S

    def begin(self, now_s: float) -> None:
        """Forgets what was; a beat that is missing now is counted from now."""
        self.worst_s, self.due_s = 0.0, max(self.due_s, now_s)

    def lateness_s(self, now_s: float) -> float:
        """The worst so far, with one that is missing still."""
        return max(self.worst_s, now_s - self.due_s)


class Heartbeat:
    """Beats from its start to its end; `lateness_s` is the worst since `begin`.

    `kept_waiting_s` says for how long the forwarder under test has been kept from running so far, where it runs here.
    """

    def __init__(self, loop: LoopThread) -> None:
        now_s = time.monotonic()
        self.kept_waiting_s: Callable[[], float] = lambda: 0.0
        self._begun_s, self._kept_before_s = now_s, 0.0
        self._loop, self._own = Pulse(now_s + EVERY_S), Pulse(now_s + EVERY_S)
        self._over = threading.Event()
        loop.repeat(EVERY_S, lambda: self._loop.beat(time.monotonic()))
        threading.Thread(target=self._serve, name="uplab-heartbeat", daemon=True).start()

    def _serve(self) -> None:
        while not self._over.wait(EVERY_S):
            self._own.beat(time.monotonic())

    def stop(self) -> None:
        """Ends the beat of the thread; that of the loop ends with the loop."""
        self._over.set()

    def begin(self) -> None:
        """A scenario starts."""
        for pulse in (self._loop, self._own):
            pulse.begin(time.monotonic())
        self._begun_s, self._kept_before_s = time.monotonic(), self.kept_waiting_s()

    @property
    def lateness_s(self) -> float:
        """By how much the lab was late at worst since the scenario's start."""
        return max(pulse.lateness_s(time.monotonic()) for pulse in (self._loop, self._own))

    @property
    def late(self) -> str | None:
        """What is said of a lab that was late, or let the forwarder run late; None where both could run in time."""
        if (found_s := self.lateness_s) >= LATE_S:
            return f"this machine was too slow: the lab itself came up to {found_s:.2f} s late"
        kept_s, passed_s = self.kept_waiting_s() - self._kept_before_s, time.monotonic() - self._begun_s
        if kept_s < max(LATE_S, STARVED * passed_s):
            return None
        return (
            f"this machine was too slow: for {kept_s:.1f} of {passed_s:.1f} s the forwarder was ready to run, and no "
            "processor was free"
        )

    def excused(self, verdict: Verdict) -> Verdict:
        """A deadline that was missed while the lab itself was late is unknown; any other verdict stays as it is."""
        late = self.late if verdict.outcome == "failed" and verdict.check in TIMED else None
        return verdict if late is None else self._unknown(verdict, late)

    def excused_repeat(self, verdict: Verdict, patience_s: float) -> Verdict:
        """The same of what came again, where the lab was late for longer than its sender awaits an answer."""
        late = self.late if verdict.outcome == "failed" and verdict.check == "none twice" else None
        if late is None or self.lateness_s < patience_s:
            return verdict
        return self._unknown(verdict, late)

    def _unknown(self, verdict: Verdict, late: str) -> Verdict:
        happened = f"{verdict.happened}; but {late}, so nobody can say by whom"
        advice = "run it again where less else runs, or with fewer workers"
        # What was late is in no history, so the check cannot be asked again.
        return replace(verdict, outcome="unknown", happened=happened, hop=None, advice=advice, question=None)
