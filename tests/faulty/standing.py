"""Breaks of the standing invariants, at places for which no scenario was written: each is seen by them alone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.forwarder.api.app import Application
from uplab.simulator.forwarder.destinations.http import envelope
from uplab.simulator.forwarder.destinations.http.sink import HttpSink
from uplab.simulator.forwarder.destinations.mqtt_session import MqttSession
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing
from uplab.simulator.forwarder.destinations.thingsboard.telemetry import TELEMETRY_TOPIC

__all__ = ["BAD"]

BAD = Catalogue()
BIN = "http/test_did_it_work.py::test_bin_shows_exactly_the_uplinks_that_were_sent"
DOWNLINK = "downlink/test_delivery.py::test_downlink_reaches_the_device_unchanged"
SIGNED = "common/test_compliance.py::test_query_has_the_six_parameters_in_their_order"
LATEST = "thingsboard/test_did_it_work.py::test_each_device_shows_the_values_of_its_last_uplink"


def _at_delivery(also: Any) -> None:
    """Does something more after each delivery over HTTP that was taken."""

    def make(deliver: Any) -> Any:
        async def more(self: HttpSink, outgoing: Outgoing) -> Answer:
            answer: Answer = await deliver(self, outgoing)
            if answer.ok:
                await also(self, outgoing, deliver)
            return answer

        return more

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "repeats-after-the-end",
    "an uplink is delivered a second time long after its connection was deleted",
    requirement="HTTP-12.a",
    models="a resend job that goes by its own clock: the copy comes a minute later, when nobody looks any more",
    scenario=BIN,
    check="none twice",
)
def repeats_after_the_end(mark: Mark) -> None:
    """Keeps the first uplink to a bin, and delivers it again when the first one goes to another service."""
    kept: list[tuple[HttpSink, Outgoing]] = []
    done: list[bool] = []

    async def also(sink: HttpSink, outgoing: Outgoing, deliver: Any) -> None:
        if not kept and "posthere" in sink._url and "first-look" not in sink._url:  # of a scenario, not of the run
            kept.append((sink, outgoing))
        elif kept and not done and "widgelix" in sink._url:
            done.append(True)
            mark()
            await deliver(*kept[0])

    _at_delivery(also)


@BAD.bad(
    "copy-to-another-host",
    "each uplink goes to a host and path that no connection names, too",
    requirement="DL-04.a",
    models="an audit copy that was left in (and a mirror of production's traffic)",
    scenario=DOWNLINK,
    check="right place",
)
def copy_to_another_host(mark: Mark) -> None:
    """Delivers it there as well."""

    async def also(sink: HttpSink, outgoing: Outgoing, deliver: Any) -> None:
        if "posthere" in sink._url:
            mark()
            await deliver(HttpSink(sink._client, "http://app.widgelix.com/audit"), outgoing)

    _at_delivery(also)


@BAD.bad(
    "invents-uplinks",
    "a document arrives with a counter that no device has sent",
    requirement="DL-04.a",
    models="test data of a developer left in a branch",
    scenario=DOWNLINK,
    check="none invented",
)
def invents_uplinks(mark: Mark) -> None:
    """Counts on where the device has stopped."""

    async def also(sink: HttpSink, outgoing: Outgoing, deliver: Any) -> None:
        document = orjson.loads(outgoing.body)
        report = document.get("DevEUI_uplink", {})
        if "FCntUp" in report and "posthere" in sink._url:
            mark()
            report["FCntUp"] = int(report["FCntUp"]) + 5000
            await deliver(sink, replace(outgoing, body=orjson.dumps(document)))

    _at_delivery(also)


@BAD.bad(
    "header-of-another-connection",
    "the headers of one connection go out with another's posts, too",
    requirement="HTTP-05.a",
    models="a client with default headers that all connections share",
    scenario=BIN,
    check="own headers",
)
def header_of_another_connection(mark: Mark) -> None:
    """Keeps each header that it has once sent."""
    kept: dict[str, str] = {}

    def make(deliver: Any) -> Any:
        async def sharing(self: HttpSink, outgoing: Outgoing) -> Answer:
            headers: Mapping[str, str] = {**kept, **outgoing.headers}
            if len(headers) > len(outgoing.headers):
                mark()
            kept.update(outgoing.headers)
            answer: Answer = await deliver(self, replace(outgoing, headers=headers))
            return answer

        return sharing

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "telemetry-before-connect",
    "a device's telemetry goes out before v1/gateway/connect of it",
    requirement="TB-12.b",
    models="ThingsBoard makes the device all the same, with a default profile, and sends it no command",
    scenario=LATEST,
    check="connect first",
)
def telemetry_before_connect(mark: Mark) -> None:
    """Announces it after the first telemetry."""

    def make(publish: Any) -> Any:
        async def late(self: MqttSession, link: Any, topic: Any, body: bytes, first: Any = None) -> Answer:
            answer: Answer = await publish(self, link, topic, body)
            if first is not None:
                mark()
                await first()
            return answer

        return late

    swap(MqttSession, "_publish", make)


@BAD.bad(
    "telemetry-at-two-times",
    "an uplink's telemetry is told a second time, a second later",
    requirement="TB-15.b",
    models="a second thread that takes the time of processing for ts",
    scenario=LATEST,
    check="one ts",
)
def telemetry_at_two_times(mark: Mark) -> None:
    """Publishes each message once more, with another ts."""

    def make(publish: Any) -> Any:
        async def twice(self: MqttSession, link: Any, topic: Any, body: bytes, first: Any = None) -> Answer:
            answer: Answer = await publish(self, link, topic, body, first)
            if topic != TELEMETRY_TOPIC:
                return answer
            told = orjson.loads(body)
            for points in told.values():
                for point in points:
                    point["ts"] += 1000
            mark()
            await link.publish(TELEMETRY_TOPIC, orjson.dumps(told), qos=1, timeout=float("inf"))
            return answer

        return twice

    swap(MqttSession, "_publish", make)


@BAD.bad(
    "tunnel-key-in-the-answer-to-delete",
    "the tunnel key stands in a header of the answer with which a connection goes",
    requirement="HTTP-12.a",
    models="a debug header that only one path of the API still has",
    scenario=BIN,
    check="no secret",
)
def tunnel_key_in_the_answer_to_delete(mark: Mark) -> None:
    """Names it there, when the scenario has judged all it wanted."""

    def make(call: Any) -> Any:
        async def chatty(self: Application, scope: Any, receive: Any, send: Any) -> None:
            async def with_header(message: Any) -> None:
                if message["type"] == "http.response.start" and scope.get("method") == "DELETE":
                    mark()
                    key = os.environ["UPLAB_AS_KEY"].encode()
                    message = {**message, "headers": [*message["headers"], (b"x-debug", key)]}
                await send(message)

            await call(self, scope, receive, with_header)

        return chatty

    swap(Application, "__call__", make)


@BAD.bad(
    "last-uplink-to-a-new-connection",
    "a new connection gets the last uplink of its device, which was accepted before it was bound",
    requirement="HTTP-12.b",
    models="a retained last value that greets each new subscriber",
    scenario=BIN,
    check="right place",
)
def last_uplink_to_a_new_connection(mark: Mark) -> None:
    """Keeps what a bin has got of each device, and hands the newest to a destination that has had none of it."""
    kept: dict[str, list[Outgoing]] = {}
    greeted: set[tuple[str, str]] = set()

    def make(deliver: Any) -> Any:
        async def greeting(self: HttpSink, outgoing: Outgoing) -> Answer:
            if "posthere" in self._url:
                kept.setdefault(outgoing.dev_eui, []).append(outgoing)
            elif (outgoing.dev_eui, self._url) not in greeted:
                greeted.add((outgoing.dev_eui, self._url))
                earlier = [one for one in kept.get(outgoing.dev_eui, ()) if one.f_cnt != outgoing.f_cnt]
                if earlier:
                    mark()
                    await deliver(self, replace(earlier[-1], headers={}))
            answer: Answer = await deliver(self, outgoing)
            return answer

        return greeting

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "greets-the-destination",
    "the first delivery of a connection is preceded by a test message",
    requirement="DL-04.a",
    models="a button Test connection that somebody has wired to the first use",
    scenario=DOWNLINK,
    check="none invented",
)
def greets_the_destination(mark: Mark) -> None:
    """Posts a body that is no document."""
    greeted: set[int] = set()

    def make(deliver: Any) -> Any:
        async def polite(self: HttpSink, outgoing: Outgoing) -> Answer:
            if id(self) not in greeted:
                greeted.add(id(self))
                mark()
                await deliver(self, replace(outgoing, body=b'{"test": true}'))
            answer: Answer = await deliver(self, outgoing)
            return answer

        return polite

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "two-at-a-time",
    "each uplink is posted by two workers at the same time",
    requirement="DL-04.a",
    models="two workers that read the same queue",
    scenario=DOWNLINK,
    check="none twice",
)
def two_at_a_time(mark: Mark) -> None:
    """Neither waits for the other."""

    def make(deliver: Any) -> Any:
        async def both(self: HttpSink, outgoing: Outgoing) -> Answer:
            mark()
            answer: Answer
            answer, _ = await asyncio.gather(deliver(self, outgoing), deliver(self, outgoing))
            return answer

        return both

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "tiak-in-a-header",
    "the key with which a connection signs goes to its destination in a header",
    requirement="COM-23.a",
    models="a debug header that was left in",
    scenario=SIGNED,
    check="no secret",
)
def tiak_in_a_header(mark: Mark) -> None:
    """Keeps the key when it signs, and sends it along."""
    keys: list[str] = []

    def signing(query: Any) -> Any:
        def kept(root: Any, content: Any, as_id: str, key: str, *rest: Any) -> Any:
            keys.append(key)
            return query(root, content, as_id, key, *rest)

        return kept

    def make(deliver: Any) -> Any:
        async def chatty(self: HttpSink, outgoing: Outgoing) -> Answer:
            if keys:
                mark()
                outgoing = replace(outgoing, headers={**outgoing.headers, "X-Debug": keys[-1]})
            answer: Answer = await deliver(self, outgoing)
            return answer

        return chatty

    swap(envelope, "uplink_query", signing)
    swap(HttpSink, "deliver", make)
