"""Bugs that only many, large or late things meet: tables that are full, hours that pass, answers that do not end."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import orjson

from tests.faulty.known_bad import Catalogue, Kill, Mark, swap
from uplab.simulator.forwarder.clock import iso
from uplab.simulator.forwarder.connections.flow import Routes
from uplab.simulator.forwarder.delivery import reconnect
from uplab.simulator.forwarder.delivery.decisions import Delivery
from uplab.simulator.forwarder.destinations.http import sink
from uplab.simulator.forwarder.destinations.sink import Answer
from uplab.simulator.forwarder.downlinks.desk import Downlinks, ForbiddenError
from uplab.simulator.forwarder.downlinks.downlink import Downlink, downlink_query
from uplab.simulator.forwarder.invalid import InvalidError

__all__ = ["BAD"]

BAD = Catalogue()

ENDLESS = "faults/test_isolation.py::test_answer_without_end_costs_its_timeout_and_no_memory"
TWO_CONNECTORS = "common/test_widths.py::test_flow_with_two_connectors_delivers_to_both"
HUNDREDS = "common/test_many_and_late.py::test_hundreds_of_devices_over_a_dozen_connections"
COUNTER = "common/test_many_and_late.py::test_counter_past_16_bits_goes_on"
DAY = "common/test_many_and_late.py::test_day_with_idle_hours_and_restarts_loses_nothing"
LARGE = "common/test_many_and_late.py::test_large_document_arrives_whole"
LATER = "thingsboard/test_reconnect.py::test_later_phases_of_the_table_come_after_the_first"
REFUSED = "downlink/test_refusals.py::test_malformed_downlink_is_refused_by_field"

HOUR_S, MOMENT_S = 3600.0, 0.05
LARGEST = 512 * 1024  # bytes
ENTRIES = 128


@BAD.bad(
    "keeps-the-whole-answer",
    "an answer's body is read whole before its status is looked at",
    requirement="HTTP-19.c",
    models="response.read() without a limit",
    scenario=ENDLESS,
    check="memory",
)
def keeps_the_whole_answer(mark: Mark) -> None:
    """Keeps what it should throw away."""

    def make(_: Any) -> Any:
        async def keep(response: Any) -> None:
            mark()
            await response.read()

        return keep

    swap(sink, "_drain", make)


@BAD.bad(
    "waits-for-the-answers-end",
    "an answer is read to its end, however long that takes",
    requirement="HTTP-19.c",
    models="a timeout that begins anew with each byte",
    scenario=ENDLESS,
    check="within",
)
def waits_for_the_answers_end(mark: Mark) -> None:
    """Never gives an answer up whose body goes on."""

    def make(drain: Any) -> Any:
        async def wait(response: Any) -> None:
            try:
                await drain(response)
            except TimeoutError:
                mark()
                await asyncio.Event().wait()

        return wait

    swap(sink, "_drain", make)


@BAD.bad(
    "two-connections-at-most",
    "a device that is bound to three connections is delivered to two of them",
    requirement="HTTP-12.a",
    models="a table with two columns",
    scenario=TWO_CONNECTORS,
    check="none lost",
)
def two_connections_at_most(mark: Mark) -> None:
    """Cuts the list."""

    def make(find: Any) -> Any:
        def two(self: Routes, *arguments: Any) -> Any:
            found = find(self, *arguments)
            if len(found) > 2:
                mark()
            return found[:2]

        return two

    swap(Routes, "find", make)


@BAD.bad(
    "table-of-128-devices",
    "the flows of the 129th device are not found",
    requirement="HTTP-13.a",
    models="a cache that is taken for the table",
    scenario=HUNDREDS,
    check="none lost",
)
def table_of_128_devices(mark: Mark) -> None:
    """Knows so many and no more."""
    known: set[str] = set()

    def make(find: Any) -> Any:
        def few(self: Routes, dev_eui: str, *arguments: Any) -> Any:
            if dev_eui not in known and len(known) >= ENTRIES:
                mark()
                return []
            known.add(dev_eui)
            return find(self, dev_eui, *arguments)

        return few

    swap(Routes, "find", make)


@BAD.bad(
    "documents-of-half-a-megabyte",
    "a document of more than half a megabyte is taken, and not delivered",
    requirement="COM-16.c",
    models="the limit of a queue behind the ingress",
    scenario=LARGE,
    check="none lost",
)
def documents_of_half_a_megabyte(mark: Mark) -> None:
    """Says that it was delivered."""

    def make(deliver: Any) -> Any:
        async def small_ones(self: sink.HttpSink, outgoing: Any) -> Any:
            if len(outgoing.body) > LARGEST:
                mark()
                return Answer("delivered", 200)
            return await deliver(self, outgoing)

        return small_ones

    swap(sink.HttpSink, "deliver", make)


@BAD.bad(
    "counter-of-16-bits-is-a-copy",
    "past 65,535 an uplink is taken for a copy of one that came before",
    requirement="HTTP-12.a",
    models="a counter kept in 16 bits to tell copies",
    scenario=COUNTER,
    check="none lost",
)
def counter_of_16_bits_is_a_copy(mark: Mark) -> None:
    """Compares the lower half alone."""
    newest: dict[str, int] = {}

    def make(deliver: Any) -> Any:
        async def once(self: sink.HttpSink, outgoing: Any) -> Any:
            report = _report(outgoing.body)
            device, counter = str(report.get("DevEUI")), report.get("FCntUp")
            if isinstance(counter, int) and "payload_hex" in report:
                low = counter & 0xFFFF
                if counter > 0xFFFF and low < newest.get(device, 0):
                    mark()
                    return Answer("delivered", 200)
                newest[device] = low
            return await deliver(self, outgoing)

        return once

    swap(sink.HttpSink, "deliver", make)


def _report(body: bytes) -> dict[str, Any]:
    document = orjson.loads(body)
    report = next(iter(document.values())) if len(document) == 1 else document
    return report if isinstance(report, dict) else {}


@BAD.bad(
    "asleep-after-an-hour",
    "what comes first after an hour without uplinks is not delivered",
    requirement="HTTP-12.a",
    models="a connection that is closed when idle, and opened by the uplink that it loses",
    scenario=DAY,
    check="none lost",
)
def asleep_after_an_hour(mark: Mark) -> None:
    """Loses the uplink that wakes it."""
    last: dict[int, float] = {}

    def make(accept: Any) -> Any:
        def woken(self: Delivery, uplinks: Any, now: float) -> Any:
            before = last.get(id(self), now)
            last[id(self)] = now
            if now - before > HOUR_S:
                mark()
                return []
            return accept(self, uplinks, now)

        return woken

    swap(Delivery, "accept", make)


@BAD.bad(
    "first-phase-for-ever",
    "a connection is tried again at the distance of its first phase, for ever",
    requirement="COM-08.a",
    models="a table of which only the first row is read",
    scenario=LATER,
    check="timing",
)
def first_phase_for_ever(mark: Mark) -> None:
    """Reads one row."""
    for strategy, (first, *_) in reconnect.STRATEGIES.items():
        reconnect.STRATEGIES[strategy] = (replace(first, attempts=None),)
    mark()


@BAD.bad(
    "refused-and-sent-later",
    "a downlink that was refused is handed on all the same, a moment later",
    requirement="DL-06.a",
    models="a queue behind a check that answers only",
    scenario=REFUSED,
    check="no downlink",
    also=(Kill("DL-13.c", REFUSED, "no downlink"),),
)
def refused_and_sent_later(mark: Mark) -> None:
    """Hands on what it has refused, after the answer."""
    tasks: set[asyncio.Task[Any]] = set()

    def make(take: Any) -> Any:
        async def both(self: Downlinks, runner: Any, raw: Any) -> None:
            try:
                await take(self, runner, raw)
            except (InvalidError, ForbiddenError):
                content = raw.get("DevEUI_downlink") if isinstance(raw, dict) else None
                if isinstance(content, dict) and isinstance(content.get("DevEUI"), str):
                    mark()
                    loop, dev_eui = asyncio.get_running_loop(), content["DevEUI"]
                    loop.call_later(MOMENT_S, lambda: tasks.add(loop.create_task(later(self, dev_eui))))
                raise

        return both

    async def later(self: Downlinks, dev_eui: str) -> None:
        as_id, key = self._default
        made = Downlink(dev_eui.upper(), 5, "0bad", (), None, None, None, None, None)
        await self._network.send(downlink_query(made, as_id, key, iso(self._clock.wall())))

    swap(Downlinks, "take", make)
