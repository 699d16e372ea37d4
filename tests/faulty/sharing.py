"""Bugs of what is told apart too little: connections, sessions, devices, uplinks and moments that are alike."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.forwarder.delivery.backlog import Backlog
from uplab.simulator.forwarder.delivery.decisions import Delivery
from uplab.simulator.forwarder.delivery.queue import Queue
from uplab.simulator.forwarder.delivery.runner import Runner
from uplab.simulator.forwarder.documents.document import Document
from uplab.simulator.forwarder.downlinks import desk
from uplab.simulator.forwarder.downlinks.network_server import NetworkServer, Reply
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.service import Service

__all__ = ["BAD"]

BAD = Catalogue()


def _done() -> asyncio.Future[None]:
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    done.set_result(None)
    return done


@BAD.bad(
    "same-second-is-a-copy",
    "a second uplink of a device within one second is taken for a copy of the first",
    models="duplicates known by device and timestamp, and timestamps cut to seconds",
    requirement="HTTP-12.a",
    scenario="http/test_did_it_work.py::test_bin_shows_exactly_the_uplinks_that_were_sent",
    check="none lost",
)
def same_second_is_a_copy(mark: Mark) -> None:
    """Drops it."""
    seen: set[tuple[str, str]] = set()

    def make(accept: Any) -> Any:
        def once(self: Service, document: Document) -> Any:
            key = (document.dev_eui, str(document.content.get("Time"))[:19])
            if document.root == "DevEUI_uplink" and key in seen:
                mark()
                return _done()
            seen.add(key)
            return accept(self, document)

        return once

    swap(Service, "accept", make)


@BAD.bad(
    "empty-uplinks-vanish",
    "an uplink without a payload is taken, and goes nowhere",
    models="a server that could not take empty messages (lorawan-server#74)",
    requirement="HTTP-15.c",
    scenario="common/test_widths.py::test_every_boundary_of_a_document_passes_through",
    check="none lost",
)
def empty_uplinks_vanish(mark: Mark) -> None:
    """Drops it."""

    def make(accept: Any) -> Any:
        def filled(self: Service, document: Document) -> Any:
            if document.root == "DevEUI_uplink" and not document.content.get("payload_hex"):
                mark()
                return _done()
            return accept(self, document)

        return filled

    swap(Service, "accept", make)


@BAD.bad(
    "one-delivery-for-an-address",
    "of two connections with the same destination URL one gets the uplinks of a device that is bound to both",
    models="subscribers known by their address",
    requirement="COM-22.a",
    scenario="http/test_address.py::test_two_connections_with_one_address_deliver_both",
    check="tried",
)
def one_delivery_for_an_address(mark: Mark) -> None:
    """Takes the first."""

    def make(put: Any) -> Any:
        def once(self: Service, rows: Any, done: Any) -> None:
            by_address: dict[Any, Any] = {}
            for number, uplink in rows:
                runner = self._runners.get(number)
                configuration = runner.connection.body.configuration if runner else None
                by_address.setdefault(getattr(configuration, "destination_url", number), (number, uplink))
            if len(by_address) < len(rows):
                mark()
            put(self, list(by_address.values()), done)

        return once

    swap(Service, "_put", make)


def _forget(mark: Mark, runner: Runner) -> None:
    """Loses what waits in a connection."""
    if not runner._delivery._backlog.empty:
        mark()
    runner._delivery._backlog = Backlog()


@BAD.bad(
    "put-drops-what-waits",
    "what waits when a connection is changed is lost",
    models="a connection that is changed by making another one (TXIF-2168)",
    requirement="HTTP-02.a",
    scenario="http/test_address.py::test_what_waits_at_put_goes_by_the_new_configuration",
    check="none lost",
)
def put_drops_what_waits(mark: Mark) -> None:
    """Begins anew."""

    def make(configure: Any) -> Any:
        def anew(self: Runner, setup: Any) -> None:
            _forget(mark, self)
            configure(self, setup)

        return anew

    swap(Runner, "configure", make)


@BAD.bad(
    "delete-empties-all",
    "with a connection that is deleted goes what waits in the others, too",
    models="DELETE FROM queue, without WHERE",
    requirement="HTTP-03.c",
    scenario="http/test_api.py::test_what_waits_is_dropped_with_delete",
    check="none lost",
)
def delete_empties_all(mark: Mark) -> None:
    """Forgets where."""

    def make(delete: Any) -> Any:
        async def everywhere(self: Service, connection_id: str) -> None:
            await delete(self, connection_id)
            for runner in self.runners:
                _forget(mark, runner)

        return everywhere

    swap(Service, "delete", make)


@BAD.bad(
    "backlog-turned-round",
    "what waits on disk at a restart goes out from its end on",
    models="ORDER BY id DESC, from the page that lists it",
    requirement="COM-18.a",
    scenario="common/test_restart.py::test_accepted_uplinks_survive_a_kill",
    check="in order",
)
def backlog_turned_round(mark: Mark) -> None:
    """Numbers it the other way round."""

    def make(fetch: Any) -> Any:
        async def turned(self: Queue, *arguments: Any) -> list[Any]:
            found: list[Any] = await fetch(self, *arguments)
            if len(found) > 1:
                mark()
            seqs = [one.seq for one in found]
            return sorted(
                (replace(one, seq=seq) for one, seq in zip(found, reversed(seqs), strict=True)), key=lambda u: u.seq
            )

        return turned

    swap(Queue, "fetch", make)


@BAD.bad(
    "event-of-the-device-before",
    "an event about an uplink names the device of the event before",
    models="a variable of a loop that was read too late",
    requirement="COM-13.a",
    scenario="common/test_events.py::test_each_event_names_its_own_device",
    check="seen",
)
def event_of_the_device_before(mark: Mark) -> None:
    """Reads it too late."""
    before: list[str] = []

    def make(event: Any) -> Any:
        def late(self: Runner, *arguments: Any, **options: Any) -> Any:
            made = event(self, *arguments, **options)
            dev_eui = made.dev_eui
            if dev_eui and before and before[0] != dev_eui:
                mark()
                made = replace(made, dev_eui=before[0])
            before[:] = [dev_eui or (before[0] if before else "")]
            return made

        return late

    swap(Runner, "event", make)


@BAD.bad(
    "unreachable-network-takes-all",
    "a downlink that the network server could not be given is answered as taken",
    models="an exception that is caught where the answer is made",
    requirement="HTTP-14",
    scenario="downlink/test_network.py::test_downlink_that_the_network_cannot_be_given_is_refused",
    check="answered",
)
def unreachable_network_takes_all(mark: Mark) -> None:
    """Swallows it."""

    def make(send: Any) -> Any:
        async def hopeful(self: NetworkServer, query: Any) -> Reply:
            reply: Reply = await send(self, query)
            if reply.status is None:
                mark()
                return Reply(200)
            return reply

        return hopeful

    swap(NetworkServer, "send", make)


@BAD.bad(
    "port-as-text-refused",
    "a downlink whose FPort is given as text is refused",
    models="a schema without the documents' second number regime",
    requirement="DL-04.a",
    scenario="downlink/test_delivery.py::test_numbers_may_be_given_as_text",
    check="answered",
)
def port_as_text_refused(mark: Mark) -> None:
    """Wants a number."""

    def make(parse: Any) -> Any:
        def strict(raw: Any) -> Any:
            content = parse(raw)
            if isinstance(content.get("FPort"), str):
                mark()
                raise InvalidError("DevEUI_downlink.FPort", "DevEUI_downlink.FPort must be a number")
            return content

        return strict

    swap(desk, "parse_downlink", make)


@BAD.bad(
    "validity-from-acceptance",
    "the age of an uplink counts from its acceptance, not from its Time",
    models="uplinks of hours ago, delivered as fresh (Late=1 after an outage of a gateway)",
    requirement="COM-05.a",
    scenario="common/test_options.py::test_old_uplink_is_dropped_with_an_event",
    check="seen",
)
def validity_from_acceptance(mark: Mark) -> None:
    """Looks at the clock of the ingress."""

    def make(expired: Any) -> Any:
        def young(self: Delivery, uplink: Any, now: float) -> Any:
            if uplink.time_s is not None and self.policy.validity_s:
                mark()
            return expired(self, replace(uplink, time_s=None), now)

        return young

    swap(Delivery, "_expired", make)
