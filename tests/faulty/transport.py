"""Bugs on the wire: lost, repeated, misdirected, in the wrong order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.forwarder.connections.flow import Route, Routes
from uplab.simulator.forwarder.delivery import backlog
from uplab.simulator.forwarder.destinations.http.sink import HttpSink
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing
from uplab.simulator.forwarder.destinations.thingsboard.mqtt import ThingsBoardSink
from uplab.simulator.forwarder.service import Service

__all__ = ["BAD"]

BAD = Catalogue()
BIN = "http/test_did_it_work.py::test_bin_shows_exactly_the_uplinks_that_were_sent"


@BAD.bad(
    "deliver-twice",
    "each uplink is posted twice",
    requirement="HTTP-12.a",
    models="uplink repeated two or three times for each count (helium/router#517)",
    scenario=BIN,
    check="none twice",
)
def deliver_twice(mark: Mark) -> None:
    """Posts again after success."""

    def make(deliver: Any) -> Any:
        async def twice(self: HttpSink, outgoing: Outgoing) -> Answer:
            mark()
            await deliver(self, outgoing)
            answer: Answer = await deliver(self, outgoing)
            return answer

        return twice

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "lose-every-third",
    "every third uplink is counted as delivered and not sent",
    requirement="HTTP-12.a",
    models="queue full: silent drop, uncounted (lorawan-stack#4715)",
    scenario=BIN,
    check="none lost",
)
def lose_every_third(mark: Mark) -> None:
    """Forgets some."""
    count = 0

    def make(deliver: Any) -> Any:
        async def forgetful(self: HttpSink, outgoing: Outgoing) -> Answer:
            nonlocal count
            count += 1
            if count % 3 == 0 and not self._url.startswith("http://witness"):
                mark()
                return Answer("delivered", 200)
            answer: Answer = await deliver(self, outgoing)
            return answer

        return forgetful

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "second-bin",
    "each uplink goes to a second address too",
    requirement="HTTP-12.b",
    models="a debug copy that stayed switched on (TXIF-2376)",
    scenario=BIN,
    check="right place",
)
def second_bin(mark: Mark) -> None:
    """Copies each delivery elsewhere."""

    def make(deliver: Any) -> Any:
        async def copying(self: HttpSink, outgoing: Outgoing) -> Answer:
            mark()
            answer: Answer = await deliver(self, outgoing)
            if not self._url.startswith("http://witness"):
                await deliver(HttpSink(self._client, f"{self._url}-copy"), outgoing)
            return answer

        return copying

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "text-for-json",
    "the body is sent as text/plain",
    requirement="HTTP-15.b",
    models="Content-Type absent or wrong (lorawan-stack#4148)",
    scenario=BIN,
    check="posts",
)
def text_for_json(mark: Mark) -> None:
    """Names another type."""

    def make(deliver: Any) -> Any:
        async def plain(self: HttpSink, outgoing: Outgoing) -> Answer:
            mark()
            answer: Answer = await deliver(
                self, replace(outgoing, headers={**outgoing.headers, "Content-Type": "text/plain"})
            )
            return answer

        return plain

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "newest-first",
    "of what waits for a device the newest goes first",
    requirement="HTTP-08.b",
    models="very late frame delivered after newer ones (helium/router#264)",
    scenario="faults/test_blame.py::test_failed_uplinks_go_out_in_order_after_the_blame_period",
    check="in order",
)
def newest_first(mark: Mark) -> None:
    """Reverses the queue of a device while nothing of it is under way."""

    def make(take: Any) -> Any:
        def reversed_take(self: backlog.Backlog) -> Any:
            for waiting in self._devices.values():
                if len(waiting) > 1 and waiting[0].seq in self._attempts and self._attempts[waiting[0].seq] == 1:
                    mark()
                    self._attempts[waiting[-1].seq] = 2
                    waiting.reverse()
            return take(self)

        return reversed_take

    swap(backlog.Backlog, "take", make)


@BAD.bad(
    "one-connection-only",
    "of several connections of a device only the first gets its uplinks",
    requirement="COM-22.a",
    models="a sequential strategy mistaken for fan-out (Smart Parks)",
    scenario="common/test_flows.py::test_device_bound_to_two_connections_reaches_both",
    check="none lost",
)
def one_connection_only(mark: Mark) -> None:
    """Keeps the first route."""

    def make(find: Any) -> Any:
        def first(self: Any, *arguments: Any) -> Any:
            found = find(self, *arguments)
            if len(found) > 1:
                mark()
            return found[:1]

        return first

    swap(Routes, "find", make)


@BAD.bad(
    "everybody-everywhere",
    "every connection gets the uplinks of every device",
    requirement="COM-22.c",
    models="flows that match too much",
    scenario="http/test_did_it_work.py::test_device_is_delivered_from_the_moment_it_is_bound",
    check="none arrives",
)
def everybody_everywhere(mark: Mark) -> None:
    """Ignores the matchers."""

    def make(_: Any) -> Any:
        def everywhere(self: Any, *_arguments: Any) -> Any:
            mark()
            return [Route(number, None) for number in self._connections]

        return everywhere

    swap(Routes, "find", make)


@BAD.bad(
    "delivers-before-it-is-bound",
    "what is accepted goes to every connection, whatever the pages show of the device's applications",
    requirement="HTTP-11.c",
    models="a default subscription that nobody sees",
    scenario="pages/test_http.py::test_uplink_arrives_with_the_headers_typed_in_the_form",
    check="seen",
)
def delivers_before_it_is_bound(mark: Mark) -> None:
    """Looks at no flow while it accepts."""

    def make(accept: Any) -> Any:
        def to_all(self: Service, document: Any) -> Any:
            mark()
            self.routes._every_device = True
            try:
                return accept(self, document)
            finally:
                self.routes._every_device = False

        return to_all

    swap(Service, "accept", make)


@BAD.bad(
    "puback-not-awaited",
    "a message counts as delivered although its PUBACK never came",
    requirement="TB-16.b",
    models="in-flight QoS 1 lost after a reconnect (paho.mqtt.c#429, amqtt#246)",
    scenario="thingsboard/test_session.py::test_unacknowledged_telemetry_is_sent_again",
    check="none lost",
)
def puback_not_awaited(mark: Mark) -> None:
    """Takes an unclear answer for success."""

    def make(deliver: Any) -> Any:
        async def hopeful(self: ThingsBoardSink, outgoing: Outgoing) -> Answer:
            answer: Answer = await deliver(self, outgoing)
            if answer.kind != "delivered":
                mark()
                return Answer("delivered")
            return answer

        return hopeful

    swap(ThingsBoardSink, "deliver", make)
