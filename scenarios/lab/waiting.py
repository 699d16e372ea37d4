"""How a scenario waits: for a fact, with a deadline of the profile's, and never for a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from uplab.scenarios.checks.asked.answers import Awaited, time_was_up
from uplab.scenarios.checks.asked.pointer import as_stored, meets, parsed
from uplab.scenarios.checks.asked.seen import as_json
from uplab.scenarios.checks.difference import text_of
from uplab.scenarios.history.identity import REFUSED
from uplab.scenarios.history.secrets import redact_text
from uplab.scenarios.lab.connection import Shown
from uplab.scenarios.lab.heartbeat import LabLateError
from uplab.scenarios.lab.judge import Judge
from uplab.scenarios.lab.witness import AnyPath, brings, no_downlink_seen, not_seen, queued_for

if TYPE_CHECKING:
    from httpx import Response

    from uplab.scenarios.checks.checks import Route
    from uplab.scenarios.history.history import Event
    from uplab.scenarios.lab.connection import LabConnection
    from uplab.scenarios.lab.device import LabDevice, Sent
    from uplab.scenarios.under_test.deadlines import Deadlines

__all__ = ["Waiting"]

T = TypeVar("T")

POLL_S, POLL_MOST_S = 0.02, 0.1  # between two looks: what comes late is looked for less and less often


class _Known(Protocol):
    """What was sent, of which nothing but its id need be known."""

    @property
    def id(self) -> str: ...


class Waiting(Judge):
    """What a lab can wait for."""

    deadlines: Deadlines
    _beside: tuple[str, str] | None = None
    """Where a downlink's barrier goes: the device, and its downlink URL."""

    def device(self) -> LabDevice:
        """A new device."""
        raise NotImplementedError

    def connect_witness(self, *devices: LabDevice) -> LabConnection:
        """A connection to a witness."""
        raise NotImplementedError

    def post_downlink(self, url: str, downlink: dict[str, Any]) -> Response:
        """POST of a DevEUI_downlink."""
        raise NotImplementedError

    def poll(
        self,
        fetch: Callable[[], T],
        fact: Callable[[T], bool] | Mapping[str, Any],
        *,
        awaited: str,
        timeout_s: float | None = None,
        shown: Shown | None = None,
        proves: str | None = None,
    ) -> T:
        """Asks again until the answer meets the fact; a failed verdict says what was awaited and what was last seen.

        What is no state, and has no deadline of its own, must be shown within `shown_s`. It can be judged again by the
        history where `shown` says which field of which answer of the API it is, or where the fact stands in the words
        of `expect_seen` (or is `bool`).
        """
        wanted = {"empty": False} if fact is bool else fact if isinstance(fact, Mapping) else None
        holds = cast("Callable[[T], bool]", fact) if wanted is None else None
        wanted = as_stored(wanted)  # what is seen is met as JSON, where a tuple is an array
        timeout_s = self.deadlines.shown_s if timeout_s is None else timeout_s
        deadline = time.monotonic() + timeout_s
        pause, pause_s = threading.Event(), POLL_S
        while True:
            seen = fetch()
            met = holds(seen) if holds is not None else meets(parsed(as_json(seen)), wanted or {})
            late = time.monotonic() > deadline
            if (met or late) and shown and (answer := self._newest("GET", shown.path)):
                self.judge_alone(Awaited(awaited, answer, shown.pointer, shown.among, timeout_s), proves=proves)
                return seen
            if (met or late) and wanted is not None:
                told = redact_text(text_of(seen))[:300]
                told = told if met else time_was_up(timeout_s, seen, told)
                self.expect_seen(awaited, seen, wanted, told, proves=proves)
                return seen
            if met:
                self.expect(awaited, True, redact_text(text_of(seen))[:200], check="awaited", proves=proves)
                return seen
            if late:
                happened = time_was_up(timeout_s, seen, redact_text(text_of(seen))[:300])
                self.expect(awaited, False, happened, check="awaited", proves=proves)
            pause.wait(pause_s)
            pause_s = min(1.25 * pause_s, POLL_MOST_S)

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

    def await_taken(self, sent: Sequence[_Known], *to: Route, after_s: float = 0.0) -> None:
        """Waits until each destination has taken each uplink, or the time is up; the checks say what is missing.

        `after_s` is what has to pass before, by what was configured: a blame period, pauses between attempts.
        """
        missing = {(one.id, route) for one in sent for route in to}
        here: dict[object, Route] = {}

        def taken(event: Event) -> bool:
            facts = event.facts
            if event.hop in ("destination.arrived", "destination.published"):
                here.update((facts["exchange"], route) for route in to if route.takes(facts))
            whole = facts.get("written") or facts.get("headed")
            done = (event.hop == "destination.acknowledged" and int(facts.get("code") or 0) < REFUSED) or (
                event.hop == "destination.answered" and whole and 200 <= int(facts["status"] or 0) < 300
            )
            if done and facts["exchange"] in here:
                missing.difference_update((id_, here[facts["exchange"]]) for id_ in event.ids)
            return not missing

        self.history.wait_for(taken, timeout_s=after_s + self.deadlines.delivery_s)

    def barrier(self, *devices: LabDevice) -> list[Sent]:
        """Proves that nothing more arrives: a later uplink of each device reached a witness, and settle_s passed.

        Returns the uplinks it sent: they go to the device's other connections too. Where the witness saw nothing,
        silence proves nothing. What can be proven all the same is judged by whatever comes after it, and at the
        scenario's end `judge_barriers` says what is left: lost, where the forwarder had accepted them, else unknown.
        """
        witness = self.connect_witness(*devices)
        sent = [device.send() for device in devices]
        self.await_delivery(sent, witness.route)
        if missed := not_seen(self.history.events, sent, witness.route):
            if late := self.heartbeat.late:
                raise LabLateError(f"{missed.happened}; but {late}")
            self.miss(missed)
            return sent
        self._settle()
        return sent

    def _settle(self) -> None:
        threading.Event().wait(self.profile.settle_s)  # the profile's own promise of how late an arrival may still be

    def downlink_barrier(self) -> str:
        """Proves that no downlink is on its way any more: a later one has reached the network, and settle_s passed.

        It goes to a device that is bound elsewhere, to a witness of its own; returns its DevEUI.
        """
        if self._beside is None:
            device = self.device()
            self._beside = device.dev_eui, self.connect_witness(device).downlink_url
        dev_eui, url = self._beside
        mark = self.history.mark
        answer = self.post_downlink(url, {"DevEUI": dev_eui, "FPort": 5, "payload_hex": "ba"})
        seen = partial(queued_for, dev_eui, mark)
        if self.history.wait_for(seen, timeout_s=self.deadlines.downlink_s):
            self._settle()
        elif late := self.heartbeat.late:
            raise LabLateError(f"a later downlink did not reach the network; but {late}")
        else:
            self.miss(no_downlink_seen(answer.status_code))
        return dev_eui
