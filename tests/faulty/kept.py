"""Bugs of what is kept too long, or not long enough: a cache, a session, a setting that a change should have ended."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import orjson

from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.forwarder.delivery import assembly
from uplab.simulator.forwarder.delivery.runner import Runner
from uplab.simulator.forwarder.destinations.http import connector as http_connector
from uplab.simulator.forwarder.destinations.http.sink import HttpSink
from uplab.simulator.forwarder.destinations.mqtt.sink import MqttSink
from uplab.simulator.forwarder.destinations.mqtt_session import MqttSession
from uplab.simulator.forwarder.destinations.sink import Answer
from uplab.simulator.forwarder.destinations.thingsboard import connector as thingsboard_connector
from uplab.simulator.forwarder.destinations.thingsboard.mqtt import ThingsBoardSink
from uplab.simulator.forwarder.patterns.headers import Headers
from uplab.simulator.forwarder.service import Service
from uplab.simulator.forwarder.store import records

__all__ = ["BAD"]

BAD = Catalogue()

MOMENT_S = 0.002
BLAMED_S = 2.0


@BAD.bad(
    "topic-of-the-first-uplink",
    "each device's topic is made once, whatever of its later uplinks stands in the pattern",
    requirement="MQTT-04.b",
    models="a topic cached by device",
    scenario="?::?",
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
    scenario="?::?",
    check="?",
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
    scenario="?::?",
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
            await asyncio.sleep(MOMENT_S)
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
    scenario="?::?",
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
    scenario="?::?",
    check="?",
)
def query_grows_with_each_attempt(mark: Mark) -> None:
    """Adds them to those that are there."""
    _again(mark, lambda outgoing, attempt: replace(outgoing, query="&".join([outgoing.query] * attempt)))


@BAD.bad(
    "user-name-of-the-first-body",
    "a PUT of another user name logs in with the old one",
    requirement="TB-08.b",
    models="a client that takes the new password, and whose user is set when it is made",
    scenario="?::?",
    check="?",
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
            if isinstance(self._sink, MqttSession) and when(self):
                mark()
                left.append(self._sink)
                self._sink._on_lost = None
                self._sink = None
            await close(self)

        return leave

    swap(Runner, "_close_sink", make)


@BAD.bad(
    "session-outlives-delete",
    "the session of a connection that was deleted stays open",
    requirement="TB-05.a",
    models="a client that nobody closes",
    scenario="?::?",
    check="?",
)
def session_outlives_delete(mark: Mark) -> None:
    """Leaves it."""
    _left_open(mark, lambda runner: runner._gone)


@BAD.bad(
    "session-outlives-put",
    "the session of before a PUT stays open beside the new one, so that a command is carried out twice",
    requirement="TB-13.a",
    models="a client that is made anew, and whose predecessor nobody closes",
    scenario="?::?",
    check="?",
)
def session_outlives_put(mark: Mark) -> None:
    """Leaves it."""
    _left_open(mark, lambda runner: runner._setup is not runner._next)


@BAD.bad(
    "blame-by-host",
    "one connection's refused uplink blames the host, for all connections that lead to it",
    requirement="HTTP-08.a",
    models="a circuit breaker by host",
    scenario="?::?",
    check="?",
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
    requirement="DL-02.a",
    models="an address cached by device",
    scenario="?::?",
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


def _restored(mark: Mark, change: Any) -> None:
    """Changes the bodies of connections when they are read at a start, by `change(body)`."""

    def make(read: Any) -> Any:
        def changed(database: Any) -> Any:
            stored = read(database)
            bodies = []
            for number, text, body in stored["connection"]:
                before = orjson.loads(body)
                after = change(orjson.loads(body))
                if after != before:
                    mark()
                bodies.append((number, text, orjson.dumps(after)))
            return {**stored, "connection": bodies}

        return changed

    swap(records, "read_all", make)


@BAD.bad(
    "options-forgotten-at-start",
    "after a restart a connection works with the defaults of its options",
    requirement="COM-18.e",
    models="a table with a column for what is mandatory",
    scenario="?::?",
    check="?",
)
def options_forgotten_at_start(mark: Mark) -> None:
    """Restores what is mandatory."""
    kept = {"destinationURL", "headers", "hostName", "username", "password", "uplinkTopicPattern", "protocol"}

    def change(body: Any) -> Any:
        configuration = body["configuration"]
        return {**body, "configuration": {name: configuration[name] for name in configuration if name in kept}}

    _restored(mark, change)


@BAD.bad(
    "put-forgotten-at-start",
    "after a restart a connection is as it was before its last PUT",
    requirement="COM-18.e",
    models="a change that is made in memory only",
    scenario="?::?",
    check="?",
)
def put_forgotten_at_start(mark: Mark) -> None:
    """Stores the first body of each."""

    def make(_: Any) -> Any:
        def nothing(*_arguments: Any) -> None:
            mark()

        return nothing

    original = records.insert_connection

    def insert(database: Any, text: str, body: bytes) -> int:
        number = database.execute("INSERT INTO connection (uuid, body) VALUES (?, ?)", (text, body)).lastrowid or 0
        row = (body, records.checksum(body, number, text), number)
        database.execute("UPDATE connection SET body = ?, sum = ? WHERE id = ?", row)
        return int(number)

    assert original is records.insert_connection
    swap(records, "insert_connection", lambda _: insert)
    swap(records, "replace_connection", make)


@BAD.bad(
    "deleted-returns-at-start",
    "a connection that was deleted is there again after a restart",
    requirement="HTTP-03.a",
    models="a row that is removed from the cache only",
    scenario="?::?",
    check="?",
)
def deleted_returns_at_start(mark: Mark) -> None:
    """Leaves it in the file."""

    def make(_: Any) -> Any:
        def keep(*_arguments: Any) -> None:
            mark()

        return keep

    swap(records, "delete_connection", make)


@BAD.bad(
    "starts-though-deactivated",
    "a connection that was made inactive works again after a restart, and is still shown as inactive",
    requirement="COM-01.b",
    models="a start that starts everything",
    scenario="?::?",
    check="?",
)
def starts_though_deactivated(mark: Mark) -> None:
    """Looks at nothing when it starts what was restored."""
    restored: set[int] = set()

    def make_restore(restore: Any) -> Any:
        async def noting(self: Service) -> None:
            await restore(self)
            restored.update(runner.id for runner in self.runners if not runner.connection.body.active)

        return noting

    def make_start(start: Any) -> Any:
        def always(self: Runner) -> None:
            if self.id in restored:
                mark()
                self._perform(self._delivery.start(self._clock.now()))
            else:
                start(self)

        return always

    swap(Service, "_restore", make_restore)
    swap(Runner, "start", make_start)


@BAD.bad(
    "commands-in-the-first-session-only",
    "commands are subscribed to in a connection's first session, and not again in the next",
    requirement="TB-13.a",
    models="a subscription that is taken to outlive a clean session",
    scenario="?::?",
    check="?",
)
def commands_in_the_first_session_only(mark: Mark) -> None:
    """Remembers that it has subscribed."""
    subscribed: set[str] = set()

    def make(filters: Any) -> Any:
        def once(self: ThingsBoardSink) -> tuple[str, ...]:
            identity = self._on_rpc.args[0].identity if self._on_rpc is not None else ""  # type: ignore[attr-defined]
            if identity in subscribed:
                mark()
                return ()
            subscribed.add(identity)
            wanted: tuple[str, ...] = filters(self)
            return wanted

        return once

    swap(ThingsBoardSink, "_filters", make)


@BAD.bad(
    "command-known-by-its-number",
    "a command whose id another device's command has had is not carried out",
    requirement="TB-12.c",
    models="ids of requests that are taken to be the session's, and are the device's",
    scenario="?::?",
    check="?",
)
def command_known_by_its_number(mark: Mark) -> None:
    """Takes it for a copy."""

    def make(command: Any) -> Any:
        async def once(self: ThingsBoardSink, link: Any, payload: bytes) -> None:
            rpc = mqtt_rpc(payload)
            seen = self.__dict__.setdefault("seen_commands", {})
            if rpc is not None and seen.setdefault(rpc.id, rpc.device) != rpc.device:
                mark()
                return
            await command(self, link, payload)

        return once

    from uplab.simulator.forwarder.destinations.thingsboard.telemetry import read_rpc as mqtt_rpc

    swap(ThingsBoardSink, "_command", make)


def _released(mark: Mark, owner: str, leave: Any) -> None:
    """After a change of a flow by `owner`, the devices that `leave(before, after)` gives are bound nowhere any more."""
    banned: set[str] = set()

    def named(flow: Any) -> set[str]:
        keys = [getattr(matcher, "key", "") for matcher in flow.body.matchers] if flow else []
        return {key.partition(":")[2].upper() for key in keys if key}

    def make(change: Any) -> Any:
        async def releasing(self: Service, flow_id: str, *arguments: Any) -> Any:
            number = int(flow_id) if flow_id.isdigit() else 0
            before = named(self._flows.get(number))
            done = await change(self, flow_id, *arguments)
            banned.update(leave(before, named(self._flows.get(number))))
            self._rearrange()
            return done

        return releasing

    def make_create(create: Any) -> Any:
        async def binding(self: Service, raw: Any) -> Any:
            done = await create(self, raw)
            banned.difference_update(named(self._flows[int(done["id"])]))
            return done

        return binding

    def make_find(find: Any) -> Any:
        def without(self: Any, dev_eui: str, *arguments: Any) -> Any:
            found = find(self, dev_eui, *arguments)
            if found and dev_eui in banned:
                mark()
                return []
            return found

        return without

    swap(Service, owner, make)
    swap(Service, "create_flow", make_create)
    from uplab.simulator.forwarder.connections.flow import Routes

    swap(Routes, "find", make_find)


@BAD.bad(
    "flow-takes-its-devices-along",
    "a flow that is deleted releases its devices from all other flows too",
    requirement="COM-22.a",
    models="a cascade that deletes more than the row",
    scenario="?::?",
    check="none lost",
)
def flow_takes_its_devices_along(mark: Mark) -> None:
    """Releases them."""
    _released(mark, "delete_flow", lambda before, _after: before)


@BAD.bad(
    "replaced-flow-takes-its-devices-along",
    "a device that a flow leaves out when it is replaced is released from all other flows too",
    requirement="COM-22.a",
    models="a cascade that deletes more than the row",
    scenario="?::?",
    check="none lost",
)
def replaced_flow_takes_its_devices_along(mark: Mark) -> None:
    """Releases them."""
    _released(mark, "replace_flow", lambda before, after: before - after)
