"""Delivery to a broker: one PUBLISH with QoS 1 for each message, and downlinks from the topics of the devices."""

from collections.abc import Awaitable, Callable

import aiomqtt
import orjson

from uplab.simulator.forwarder.destinations.mqtt_link import Link
from uplab.simulator.forwarder.destinations.mqtt_session import Login, MqttSession, OnLost
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing
from uplab.simulator.forwarder.documents.document import DOWNLINK
from uplab.simulator.forwarder.logs import log

__all__ = ["MqttSink", "OnDownlink"]

OnDownlink = Callable[[object], Awaitable[str]]

DOWNLINKS_MAX = 100  # worked on at a time; more are not taken


class MqttSink(MqttSession):
    """One broker (a Sink). `wanted` is the filter of the downlinks; without it none comes back.

    The broker keeps a session and what it has subscribed to, also where the connection is changed: `known` are the
    filters of its earlier sessions, which are given up here.

    `downlink(document)` says what is wrong with one; an MQTT broker has nobody to tell it to, so that events tell it.
    """

    def __init__(
        self,
        login: Login,
        *,
        wanted: str | None,
        downlink: OnDownlink,
        on_lost: OnLost | None,
        timeout_s: float,
        known: set[str] | None = None,
    ) -> None:
        """Deliver by this login."""
        super().__init__(on_lost=on_lost, timeout_s=timeout_s)
        self._as_whom = login
        self._wanted = wanted
        self._downlink = downlink
        self._known: set[str] = set() if known is None else known

    async def deliver(self, outgoing: Outgoing) -> Answer:
        """Publish one message and wait for the PUBACK that belongs to it."""
        link = self._link
        if link is None:
            return Answer("unreachable", reason=self._end_reason or "not connected")
        return await self._publish(link, outgoing.topic, outgoing.body)

    def _login(self) -> Login:
        return self._as_whom

    def _filters(self) -> tuple[str, ...]:
        return (self._wanted,) if self._wanted else ()

    def _left(self) -> tuple[str, ...]:
        return tuple(sorted(self._known.difference(self._filters())))

    def _opened(self) -> None:
        self._known.clear()
        self._known.update(self._filters())

    def _received(self, _link: Link, message: aiomqtt.Message) -> None:
        # A forwarder that was started anew does not know what it has subscribed to before a change.
        if self._wanted is None or not message.topic.matches(self._wanted):
            return _ignored(message, "its topic is none of this connection's")
        if message.retain:  # it would come again with each session, and be sent again each time
            return _ignored(message, "it is retained")
        try:
            document = orjson.loads(message.payload)
        except orjson.JSONDecodeError:
            return _ignored(message, "it is no JSON")
        if not isinstance(document, dict) or DOWNLINK not in document:
            return _ignored(message, f"it has no {DOWNLINK}")
        if len(self._tasks) > DOWNLINKS_MAX:
            return _ignored(message, "too many are under way")
        return self._spawn(self._carry_out(document), "downlink")

    async def _carry_out(self, document: object) -> None:
        """Hand it on; what is wrong with it became an event there."""
        await self._downlink(document)


def _ignored(message: aiomqtt.Message, why: str) -> None:
    log.warning(
        "a message on a downlink topic is ignored", extra={"facts": {"bytes": len(message.payload), "why": why}}
    )
