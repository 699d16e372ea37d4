"""Bugs of what is kept: too long, too short, or for somebody else."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.forwarder.connections import flow as flows
from uplab.simulator.forwarder.connections.flow import Route, Routes
from uplab.simulator.forwarder.delivery.decisions import Delivery
from uplab.simulator.forwarder.delivery.runner import Setup
from uplab.simulator.forwarder.destinations.http.sink import HttpSink
from uplab.simulator.forwarder.destinations.mqtt.sink import MqttSink
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing
from uplab.simulator.forwarder.destinations.thingsboard.rest import ThingsBoardRestSink
from uplab.simulator.forwarder.documents.document import UPLINK, Document
from uplab.simulator.forwarder.service import Service
from uplab.simulator.forwarder.store.metrics import HOUR_MINUTES, Metrics

__all__ = ["BAD"]

BAD = Catalogue()
FLOWS = "common/test_flows.py::"
OPTIONS = "common/test_options.py::"


@BAD.bad(
    "written-anew-when-resent",
    "what is sent again is written anew from what was read: 9007199254740993 becomes 9007199254740992",
    requirement="COM-16.a",
    models="a queue that keeps objects, and writes them in the words of another language",
    scenario="common/test_numbers.py::test_what_is_tried_again_keeps_its_numbers",
    check="unaltered",
)
def written_anew_when_resent(mark: Mark) -> None:
    """Writes the second attempt's numbers as those of a language that has doubles alone."""
    tried: set[tuple[str, object]] = set()

    def make(deliver: Any) -> Any:
        async def anew(self: HttpSink, outgoing: Outgoing) -> Answer:
            key = (self._url, (outgoing.dev_eui, outgoing.f_cnt, outgoing.time))
            if key in tried:
                anew = re.sub(rb"(?<=:)\d{16,}(?=[,}\]])", lambda m: b"%d" % int(float(m[0])), outgoing.body)
                if anew != outgoing.body:
                    mark()
                outgoing = replace(outgoing, body=anew)
            tried.add(key)
            answer: Answer = await deliver(self, outgoing)
            return answer

        return anew

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "headers-of-before-the-change",
    "what waits at a PUT goes to the new address with the headers of before",
    requirement="HTTP-02.a",
    models="reload of a connection ineffective for what waits (TXIF-2168)",
    scenario="http/test_address.py::test_what_waits_at_put_goes_by_the_new_configuration",
    check="right headers",
)
def headers_of_before_the_change(mark: Mark) -> None:
    """Resolves headers at the first attempt alone."""
    first: dict[int, Any] = {}

    def make(made: Any) -> Any:
        async def kept(self: Setup, uplink: Any) -> Any:
            outgoing = await made(self, uplink)
            if outgoing is None:
                return None
            headers = first.setdefault(uplink.seq, outgoing.headers)
            if headers != outgoing.headers:
                mark()
            return replace(outgoing, headers=headers)

        return kept

    swap(Setup, "made", make)


@BAD.bad(
    "age-by-the-hands-of-the-clock",
    "the age of an uplink is reckoned without the offset of its Time",
    requirement="COM-05.a",
    models="local times compared as texts (thingsboard#7770)",
    scenario=f"{OPTIONS}test_age_counts_whatever_the_offset_of_time",
    check="seen",
)
def age_by_the_hands_of_the_clock(mark: Mark) -> None:
    """Reads Time without its offset."""

    def make(time_s: Any) -> Any:
        def local(self: Document) -> float | None:
            found: float | None = time_s.fget(self)
            try:
                offset = datetime.fromisoformat(str(self.content.get("Time"))).utcoffset()
            except ValueError:
                offset = None
            if found is None or not offset:
                return found
            mark()
            return found + offset.total_seconds()

        return property(local)

    swap(Document, "time_s", make)


@BAD.bad(
    "validity-of-a-flow-forgotten",
    "uplinkTimeValidity of a flow's connector is taken and never used",
    requirement="COM-05.e",
    models="an option that is taken and without effect",
    scenario=f"{OPTIONS}test_validity_of_a_flow_counts_too",
    check="seen",
)
def validity_of_a_flow_forgotten(mark: Mark) -> None:
    """Leaves it out."""

    def make(route: Any) -> Any:
        def without(connector: Any) -> Route:
            found: Route = route(connector)
            if found.validity_s is not None:
                mark()
            return Route(found.connection_id)

        return without

    swap(flows, "_route", make)


@BAD.bad(
    "tags-by-their-beginning",
    "a flow by tags takes devices whose tags begin with those that it names",
    requirement="COM-22.d",
    models="tags searched for in a text",
    scenario=f"{FLOWS}test_tags_bind_the_devices_that_have_them_all",
    check="seen",
)
def tags_by_their_beginning(mark: Mark) -> None:
    """Takes a tag for every beginning of itself."""

    def make(find: Any) -> Any:
        def loosely(self: Routes, dev_eui: str, tags: frozenset[str]) -> list[Route]:
            named = {one for wanted in self._arranged.by_tag.values() for names, _ in wanted for one in names}
            more = {one for one in named if any(tag.startswith(one) for tag in tags)}
            if more - tags:
                mark()
            found: list[Route] = find(self, dev_eui, tags | more)
            return found

        return loosely

    swap(Routes, "find", make)


class _First:
    """Routes that lead to the first connection of a device alone."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    def find(self, dev_eui: str, tags: frozenset[str]) -> list[Route]:
        """The first."""
        return self._routes.find(dev_eui, tags)[:1]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._routes, name)


@BAD.bad(
    "reports-to-the-first",
    "of a device with two connections all but its uplinks goes to the first one",
    requirement="COM-15.e",
    models="a second destination that never gets data (sequential strategy taken for fan-out)",
    scenario=f"{FLOWS}test_every_document_reaches_each_connection",
    check="none lost",
)
def reports_to_the_first(mark: Mark) -> None:
    """Leads other roots one way."""

    def make(accept: Any) -> Any:
        def narrow(self: Service, document: Document) -> Any:
            if document.root == UPLINK or not document.dev_eui:
                return accept(self, document)
            if len(self.routes.find(document.dev_eui, self.devices.tags(document.dev_eui))) > 1:
                mark()
            routes, vars(self)["routes"] = self.routes, _First(self.routes)
            try:
                return accept(self, document)
            finally:
                self.routes = routes

        return narrow

    swap(Service, "accept", make)


@BAD.bad(
    "attempts-never-begin-anew",
    "after an outage that is over, the next one goes on in the table where the last one ended",
    requirement="COM-08.d",
    models="a counter of attempts that is not reset by success",
    scenario="thingsboard/test_reconnect.py::test_table_begins_anew_with_each_outage",
    check="timing",
)
def attempts_never_begin_anew(mark: Mark) -> None:
    """Remembers the attempt over a success."""
    of: dict[int, int] = {}

    def proven(original: Any) -> Any:
        def keeping(self: Delivery) -> Any:
            if self._attempt:
                mark()
                of[id(self)] = self._attempt
            return original(self)

        return keeping

    def drawn(original: Any) -> Any:
        def later(self: Delivery, now: float) -> None:
            if self._attempt == 0:
                self._attempt = of.get(id(self), 0)
            original(self, now)

        return later

    swap(Delivery, "_proven", proven)
    swap(Delivery, "_draw_attempt", drawn)


@BAD.bad(
    "older-than-the-last-is-lost",
    "an uplink whose Time is before that of the device's last one is taken, and not delivered",
    requirement="HTTP-15.c",
    models="a very late frame (helium/router#264, lorawan-stack#2708)",
    scenario="common/test_widths.py::test_every_boundary_of_a_document_passes_through",
    check="none lost",
)
def older_than_the_last_is_lost(mark: Mark) -> None:
    """Takes it for old news."""
    last: dict[tuple[str, str], str] = {}

    def make(deliver: Any) -> Any:
        async def newest_only(self: HttpSink, outgoing: Outgoing) -> Answer:
            key = (self._url, outgoing.dev_eui)
            time = outgoing.time
            if time and time < last.get(key, "") and "DevEUI_uplink" in outgoing.document:
                mark()
                return Answer("delivered")
            last[key] = time
            answer: Answer = await deliver(self, outgoing)
            return answer

        return newest_only

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "one-name-at-the-broker",
    "all connections to a broker log in under one client identifier, so that each ends the session of the other",
    requirement="MQTT-03.d",
    models="two connections that collide each minute (Connector/AZURE); a client identifier that is a constant",
    scenario="mqtt/test_session.py::test_two_connections_to_one_broker_keep_their_sessions",
    check="none lost",
)
def one_name_at_the_broker(mark: Mark) -> None:
    """Calls every client the same."""

    def make(login: Any) -> Any:
        def alike(self: MqttSink) -> Any:
            mark()
            return replace(login(self), identifier="iot-flow")

        return alike

    swap(MqttSink, "_login", make)


@BAD.bad(
    "token-of-the-first-account",
    "over REST one session serves all accounts at a host: the values of the second arrive in the first one's",
    requirement="TB-12.d",
    models="a token cached by host",
    scenario="thingsboard/test_ports.py::test_two_accounts_at_one_host_do_not_mix",
    check="seen",
)
def token_of_the_first_account(mark: Mark) -> None:
    """Caches the token by the host."""
    tokens: dict[str, str] = {}

    def make(renew: Any) -> Any:
        async def cached(self: ThingsBoardRestSink, expired: str) -> None:
            known = tokens.get(self._base, "")
            if not expired and known:
                mark()
                self._token = known
                return
            await renew(self, expired)
            tokens[self._base] = self._token

        return cached

    swap(ThingsBoardRestSink, "_renew", make)


@BAD.bad(
    "deleted-device-stays-known",
    "over REST an uplink of a device that was deleted in ThingsBoard is lost, and so is every later one",
    requirement="TB-14.d",
    models="a device cannot be registered again after its deletion (TXIF-1794)",
    scenario="thingsboard/test_ports.py::test_device_that_was_deleted_is_made_again",
    check="seen",
)
def deleted_device_stays_known(mark: Mark) -> None:
    """Takes the 404 for the end of it."""

    def make(deliver: Any) -> Any:
        async def resigned(self: ThingsBoardRestSink, *arguments: Any) -> Answer:
            answer: Answer = await deliver(self, *arguments)
            if answer.status != 404:
                return answer
            mark()
            return Answer("delivered")

        return resigned

    swap(ThingsBoardRestSink, "_deliver", make)


@BAD.bad(
    "hour-by-the-clock",
    "the counters of the last hour begin anew with each hour of the clock",
    requirement="COM-12.f",
    models="counters wrong, so that the documented check proves nothing (TXIF-1642)",
    scenario="common/test_metrics.py::test_hour_goes_on_over_the_full_hour",
    check="seen",
)
def hour_by_the_clock(mark: Mark) -> None:
    """Counts from the full hour on."""

    def make(window: Any) -> Any:
        def since(self: Metrics, connection_id: int, minutes: int, now: float) -> Any:
            if minutes == HOUR_MINUTES:
                mark()
                minutes = int(now // 60 % 60) + 1
            return window(self, connection_id, minutes, now)

        return since

    swap(Metrics, "window", make)
