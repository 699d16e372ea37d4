"""Bugs of what a connection tells and counts: left out, told twice, of somebody else, or never forgotten."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.faulty.known_bad import Catalogue, Kill, Mark, swap
from uplab.simulator.forwarder.delivery.runner import Runner
from uplab.simulator.forwarder.destinations.http.sink import HttpSink
from uplab.simulator.forwarder.destinations.sink import Answer
from uplab.simulator.forwarder.downlinks.desk import Downlinks
from uplab.simulator.forwarder.service import Service
from uplab.simulator.forwarder.store.event import Event
from uplab.simulator.forwarder.store.metrics import Metrics

__all__ = ["BAD"]

BAD = Catalogue()
EVENTS = "common/test_events.py::"
METRICS = "common/test_metrics.py::"


def _silent(mark: Mark, kind: str, words: str = "") -> None:
    """Writes no event of this kind whose message holds these words."""

    def make(note: Any) -> Any:
        def without(self: Runner, event: Event, tallies: Any = ()) -> None:
            if event.kind == kind and words in event.message:
                mark()
                return
            note(self, event, tallies)

        return without

    swap(Runner, "note", make)


@BAD.bad(
    "refused-downlink-untold",
    "a downlink that the forwarder refuses makes no event",
    requirement="COM-13.b",
    models="an error that only the caller sees",
    scenario=f"{EVENTS}test_refused_downlink_makes_one_event",
    check="seen",
    also=(Kill("COM-12.d", f"{METRICS}test_downlinks_are_counted_exactly", "seen"),),
)
def refused_downlink_untold(mark: Mark) -> None:
    """Neither tells nor counts it."""

    def make(tell: Any) -> Any:
        def silent(self: Downlinks, runner: Runner, message: str, *arguments: Any) -> None:
            if "refused" in message:
                mark()
                return
            tell(self, runner, message, *arguments)

        return silent

    swap(Downlinks, "_note_failure", make)


@BAD.bad(
    "failed-login-untold",
    "a login that fails changes the state and makes no event of its own",
    requirement="COM-13.c",
    models="a state that has to be looked at to be seen",
    scenario=f"{EVENTS}test_failed_login_makes_one_event",
    check="seen",
)
def failed_login_untold(mark: Mark) -> None:
    """Leaves it out."""
    _silent(mark, "LOGIN_FAILED")


@BAD.bad(
    "rejected-downlink-untold",
    "a downlink that the network server rejects makes no event",
    requirement="COM-13.f",
    models="an answer of another system that is only passed on",
    scenario="downlink/test_queue.py::test_what_the_network_rejects_comes_back_with_its_cause",
    check="seen",
)
def rejected_downlink_untold(mark: Mark) -> None:
    """Leaves it out."""
    _silent(mark, "DOWNLINK_REJECTED", "the network server rejects")


@BAD.bad(
    "event-of-no-connection",
    "an event does not say which connection it is about",
    requirement="COM-13.g",
    models="a log line taken for an event",
    scenario=f"{EVENTS}test_failed_delivery_makes_one_event",
    check="promise",
)
def event_of_no_connection(mark: Mark) -> None:
    """Takes id and name off."""

    def make(shown: Any) -> Any:
        def nameless(self: Event) -> dict[str, Any]:
            mark()
            return {**shown(self), "connectionId": None, "connectionName": None}

        return nameless

    swap(Event, "shown", make)


@BAD.bad(
    "hour-is-the-day",
    "the counters of the last hour are those of the day",
    requirement="COM-12.f",
    models="one window under two names",
    scenario=f"{METRICS}test_hour_forgets_what_the_day_remembers",
    check="seen",
)
def hour_is_the_day(mark: Mark) -> None:
    """Looks back a day always."""

    def make(window: Any) -> Any:
        def whole(self: Metrics, connection_id: int, _minutes: int, now: float) -> Any:
            mark()
            return window(self, connection_id, 24 * 60, now)

        return whole

    swap(Metrics, "window", make)


@BAD.bad(
    "counters-begin-at-one",
    "a new connection has counted its own creation",
    requirement="COM-12.a",
    models="a counter that is written before it is read",
    scenario=f"{METRICS}test_counters_begin_at_zero",
    check="seen",
)
def counters_begin_at_one(mark: Mark) -> None:
    """Adds one uplink to each."""

    def make(window: Any) -> Any:
        def more(self: Metrics, *arguments: Any) -> dict[str, int]:
            mark()
            found: dict[str, int] = window(self, *arguments)
            return {**found, "uplinks": found["uplinks"] + 1}

        return more

    swap(Metrics, "window", make)


@BAD.bad(
    "deleted-takes-a-place",
    "a connection that was deleted still counts for the limit",
    requirement="COM-14.b",
    models="a limit on creations instead of on what there is",
    scenario="common/test_limit.py::test_connection_beyond_the_limit_is_refused",
    check="answered",
    arguments=("--connection-limit", "5"),
    choices={"connection_limit": 5},
)
def deleted_takes_a_place(mark: Mark) -> None:
    """Lowers the limit with a deletion from a full account."""

    def make(delete: Any) -> Any:
        async def greedy(self: Service, connection_id: str) -> None:
            full = len(self.runners) == self.settings.connection_limit
            await delete(self, connection_id)
            if full:
                mark()
                self.settings = replace(self.settings, connection_limit=len(self.runners))

        return greedy

    swap(Service, "delete", make)


@BAD.bad(
    "certificate-unspoken",
    "a certificate that is not trusted is told as an error, without a word of it",
    requirement="HTTP-18.b",
    models="unable to connect, and nothing else",
    scenario="faults/test_tls.py::test_untrusted_certificate_is_refused",
    check="seen",
)
def certificate_unspoken(mark: Mark) -> None:
    """Cuts the cause."""

    def make(failure: Any) -> Any:
        def vague(self: HttpSink, error: Exception) -> Answer:
            answer: Answer = failure(self, error)
            if "certificate" in answer.reason:
                mark()
                return replace(answer, reason="the connection failed")
            return answer

        return vague

    swap(HttpSink, "_failure", make)
