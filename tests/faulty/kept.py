"""Bugs of what is kept too long, or not long enough: a cache, a session, a setting that a change should have ended."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from typing import Any

from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.forwarder.delivery import assembly
from uplab.simulator.forwarder.delivery.runner import Runner
from uplab.simulator.forwarder.destinations.http import connector as http_connector
from uplab.simulator.forwarder.destinations.http.sink import HttpSink
from uplab.simulator.forwarder.destinations.mqtt.sink import MqttSink
from uplab.simulator.forwarder.destinations.mqtt_session import MqttSession
from uplab.simulator.forwarder.destinations.sink import Answer
from uplab.simulator.forwarder.destinations.thingsboard import connector as thingsboard_connector
from uplab.simulator.forwarder.patterns.headers import Headers

__all__ = ["BAD"]

BAD = Catalogue()
AGAIN = "http/test_headers.py::test_what_is_tried_again_has_the_headers_of_its_uplink"

MOMENT_S = 0.002
BLAMED_S = 2.0


@BAD.bad(
    "topic-of-the-first-uplink",
    "each device's topic is made once, whatever of its later uplinks stands in the pattern",
    requirement="MQTT-04.a",
    models="a topic cached by device",
    scenario="common/test_names.py::test_names_in_topics_are_the_uplinks_own",
    check="right topic",
)
def topic_of_the_first_uplink(mark: Mark) -> None:
    """Keeps it with the session."""

    def make(deliver: Any) -> Any:
        async def first(self: MqttSink, outgoing: Any) -> Any:
            kept = self.__dict__.setdefault("kept_topics", {})
            topic = kept.setdefault(outgoing.dev_eui, outgoing.topic)
            if topic != outgoing.topic:
                mark()
            return await deliver(self, replace(outgoing, topic=topic))

        return first

    swap(MqttSink, "deliver", make)


@BAD.bad(
    "put-of-a-query-changes-nothing",
    "a PUT that changes only the query of the destination's address delivers to the old one",
    requirement="HTTP-02.a",
    models="clients cached by scheme, host and path",
    scenario="http/test_address.py::test_put_that_changes_little_of_the_address_is_obeyed",
    check="seen",
)
def put_of_a_query_changes_nothing(mark: Mark) -> None:
    """Compares addresses up to the question mark."""
    kept: dict[tuple[str, str], str] = {}

    def make(sink: Any) -> Any:
        def cached(self: Any, connection: Any, back: Any) -> Any:
            made = sink(self, connection, back)
            key = back.identity, made._url.partition("?")[0]
            url = kept.setdefault(key, made._url)
            if url != made._url:
                mark()
            return HttpSink(made._client, url)

        return cached

    swap(http_connector._HttpExit, "sink", make)


@BAD.bad(
    "headers-in-a-shared-map",
    "the headers of all uplinks that are under way at a time are those of the one that was made last",
    requirement="HTTP-06",
    models="a map of headers that belongs to the connection, and is filled for each message",
    scenario=AGAIN,
    check="right headers",
)
def headers_in_a_shared_map(mark: Mark) -> None:
    """Fills one map again and again, and writes it a moment later."""
    shared: dict[int, dict[str, str]] = {}

    def make_resolve(resolve: Any) -> Any:
        def into(self: Headers, *documents: Any) -> Any:
            found = resolve(self, *documents)
            if not self.patterns:
                return found
            one = shared.setdefault(id(self), {})
            one.update(found)
            return one

        return into

    def make_deliver(deliver: Any) -> Any:
        async def later(self: HttpSink, outgoing: Any) -> Any:
            before = dict(outgoing.headers)
            ready = asyncio.Event()
            asyncio.get_running_loop().call_later(MOMENT_S, ready.set)
            await ready.wait()
            if before != outgoing.headers:
                mark()
            return await deliver(self, outgoing)

        return later

    swap(Headers, "resolve", make_resolve)
    swap(HttpSink, "deliver", make_deliver)


def _again(mark: Mark, change: Any) -> None:
    """Changes what is posted a second time, and later, by `change(outgoing)`."""

    def make(deliver: Any) -> Any:
        async def changed(self: HttpSink, outgoing: Any) -> Any:
            tried = self.__dict__.setdefault("tried", {})
            key = outgoing.dev_eui, outgoing.f_cnt, outgoing.time
            tried[key] = tried.get(key, 0) + 1
            if tried[key] > 1:
                other = change(outgoing, tried[key])
                if other != outgoing:
                    mark()
                outgoing = other
            return await deliver(self, outgoing)

        return changed

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "headers-of-the-first-attempt-only",
    "what is sent again has none of the configured headers",
    requirement="HTTP-05.a",
    models="a request that is built anew for the retry, from its body alone",
    scenario=AGAIN,
    check="right headers",
)
def headers_of_the_first_attempt_only(mark: Mark) -> None:
    """Leaves them out."""
    _again(mark, lambda outgoing, _attempt: replace(outgoing, headers={}))


@BAD.bad(
    "query-grows-with-each-attempt",
    "what is sent again has the tunnel's parameters once more",
    requirement="COM-23.a",
    models="an address that is changed in place",
    scenario="common/test_compliance.py::test_what_is_tried_again_is_signed_again",
    check="seen",
)
def query_grows_with_each_attempt(mark: Mark) -> None:
    """Adds them to those that are there."""
    _again(mark, lambda outgoing, attempt: replace(outgoing, query="&".join([outgoing.query] * attempt)))


@BAD.bad(
    "user-name-of-the-first-body",
    "a PUT of another user name logs in with the old one",
    requirement="TB-04.c",
    models="a client that takes the new password, and whose user is set when it is made",
    scenario="thingsboard/test_account.py::test_corrected_account_recovers",
    check="awaited",
)
def user_name_of_the_first_body(mark: Mark) -> None:
    """Keeps it by connection."""
    kept: dict[str, str] = {}

    def make(sink: Any) -> Any:
        def cached(self: Any, connection: Any, back: Any) -> Any:
            configuration = connection.given["configuration"]
            name = kept.setdefault(back.identity, configuration["username"])
            if name != configuration["username"]:
                mark()
            given = {**connection.given, "configuration": {**configuration, "username": name}}
            return sink(self, replace(connection, given=given), back)

        return cached

    swap(thingsboard_connector._ThingsBoardExit, "sink", make)


def _left_open(mark: Mark, when: Any) -> None:
    """Leaves the MQTT session of a connection open `when(runner)` says so, and forgets it."""
    left: list[Any] = []

    def make(close: Any) -> Any:
        async def leave(self: Runner) -> None:
            sink: Any = self._sink
            if isinstance(sink, MqttSession) and when(self):
                mark()
                left.append(sink)
                sink._on_lost = None
                self._sink = None
            await close(self)

        return leave

    swap(Runner, "_close_sink", make)


@BAD.bad(
    "session-outlives-delete",
    "the session of a connection that was deleted stays open",
    requirement="TB-05.a",
    models="a client that nobody closes",
    scenario="thingsboard/test_downlink.py::test_deleted_connection_takes_no_command",
    check="seen",
)
def session_outlives_delete(mark: Mark) -> None:
    """Leaves it."""
    _left_open(mark, lambda runner: runner._gone)


@BAD.bad(
    "session-outlives-put",
    "the session of before a PUT stays open beside the new one, and takes downlinks from the old topics",
    requirement="MQTT-08.a",
    models="a client that is made anew, and whose predecessor nobody closes",
    scenario="mqtt/test_downlink.py::test_after_a_put_downlinks_come_by_the_new_topic_alone",
    check="downlinks",
)
def session_outlives_put(mark: Mark) -> None:
    """Leaves it; each session has a client id of its own, so that no server ends the older one."""

    def make(new_link: Any) -> Any:
        def named(self: MqttSession, login: Any) -> Any:
            return new_link(self, replace(login, identifier=f"session-{uuid.uuid4().hex}"))

        return named

    swap(MqttSession, "_new_link", make)
    _left_open(mark, lambda runner: runner._setup is not runner._next)


@BAD.bad(
    "old-topics-go-on",
    "the broker keeps the session over a PUT, and downlinks of the old topics with it, which are carried out",
    requirement="MQTT-08.a",
    models="a session that is kept, and nobody who unsubscribes in it",
    scenario="mqtt/test_downlink.py::test_after_a_put_downlinks_come_by_the_new_topic_alone",
    check="downlinks",
)
def old_topics_go_on(mark: Mark) -> None:
    """Gives nothing up, and takes whatever comes."""
    swap(MqttSink, "_left", lambda _left: lambda _self: ())

    def make(received: Any) -> Any:
        def everything(self: MqttSink, link: Any, message: Any) -> None:
            if self._wanted is not None and not message.topic.matches(self._wanted):
                mark()
                message.topic = type(message.topic)(self._wanted.replace("+", "any"))
            received(self, link, message)

        return everything

    swap(MqttSink, "_received", make)


@BAD.bad(
    "blame-by-host",
    "one connection's refused uplink blames the host, for all connections that lead to it",
    requirement="COM-19.b",
    models="a circuit breaker by host",
    scenario="faults/test_isolation.py::test_misbehaving_destination_delays_no_other",
    check="within",
)
def blame_by_host(mark: Mark) -> None:
    """Asks no host that has just refused somebody else."""
    blamed: dict[str, tuple[str, float]] = {}

    def make(deliver: Any) -> Any:
        async def careful(self: HttpSink, outgoing: Any) -> Any:
            now, host = asyncio.get_running_loop().time(), self._parsed.host or ""
            who, until = blamed.get(host, ("", 0.0))
            if who != self._url and now < until:
                mark()
                return Answer("refused", 503, "the host is blamed")
            answer = await deliver(self, outgoing)
            if answer.kind == "refused":
                blamed[host] = self._url, now + BLAMED_S
            return answer

        return careful

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "downlink-url-by-device",
    "of several connections of a device, the documents of all show the downlink URL of the first",
    requirement="COM-22.a",
    models="an address cached by device",
    scenario="common/test_flows.py::test_device_bound_to_two_connections_reaches_both",
    check="right additions",
)
def downlink_url_by_device(mark: Mark) -> None:
    """Keeps it by device."""
    kept: dict[str, str] = {}

    def make(outgoing: Any) -> Any:
        def first(document: Any, form: Any, decode: Any) -> Any:
            url = kept.setdefault(document.dev_eui, form.downlink_url)
            if url != form.downlink_url:
                mark()
            return outgoing(document, replace(form, downlink_url=url), decode)

        return first

    swap(assembly, "outgoing", make)
