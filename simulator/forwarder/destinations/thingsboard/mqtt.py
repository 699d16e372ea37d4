"""The ThingsBoard connection over MQTT: one link as a gateway, on which every uplink waits for its own PUBACK."""

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable, Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar

import aiomqtt

from uplab.simulator.forwarder.destinations.mqtt_link import Link, NamedContext
from uplab.simulator.forwarder.destinations.mqtt_session import Login, MqttSession, OnLost
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing
from uplab.simulator.forwarder.destinations.thingsboard.telemetry import (
    CONNECT_TOPIC,
    RPC_TOPIC,
    TELEMETRY_TOPIC,
    Account,
    Point,
    connect_message,
    point,
    read_rpc,
    rpc_reply,
    telemetry_message,
)
from uplab.simulator.forwarder.logs import log
from uplab.simulator.forwarder.resolve import Endpoint

__all__ = ["OnLost", "OnRpc", "ThingsBoardSink"]

OnRpc = Callable[[str, str, Any], Awaitable[dict[str, Any]]]

MESSAGE_MAX = 65_000  # ThingsBoard closes the link at a packet above 65,536 bytes; the topic and the header need some
RPC_MAX = 100  # commands worked on at a time; more are answered with an error
NO_COMMANDS = "ThingsBoard refuses the subscription to commands: uplinks go on, and no command comes back"


class ThingsBoardSink(MqttSession):
    """Delivers to ThingsBoard's gateway API (a Sink); it never reconnects by itself, but says when the link is lost.

    `resolve` maps (lower-case host, port) to where it really is; `ca_file` holds the authorities for port 8883 (None:
    the system's). `on_rpc(dev_eui, method, params)` answers a command; `on_lost(reason)` hears of a link that ended
    unasked. With createDevices false only `known_devices` and those that ThingsBoard itself has named are served: the
    gateway API cannot ask for a device without making it.
    """

    in_flight_max: ClassVar[int] = 100
    """What ThingsBoard lets a session have unanswered (maxInflightMessages of getSessionLimits)."""
    no_commands: ClassVar[str] = NO_COMMANDS

    def __init__(
        self,
        account: Account,
        *,
        resolve: Mapping[Endpoint, Endpoint] | None = None,
        ca_file: Path | None = None,
        known_devices: Collection[str] = (),
        on_rpc: OnRpc | None = None,
        on_lost: OnLost | None = None,
        timeout_s: float = 10.0,
        keepalive_s: int = 60,
    ) -> None:
        super().__init__(on_lost=on_lost, timeout_s=timeout_s)
        self._account = account
        self._address = (resolve or {}).get((account.host.lower(), account.port), (account.host, account.port))
        self._ca_file = ca_file
        self._known = {device.upper() for device in known_devices}
        self._on_rpc = on_rpc
        self._keepalive_s = keepalive_s
        self._announced: set[str] = set()

    async def deliver(self, outgoing: Outgoing) -> Answer:
        """Publish one uplink and wait for the PUBACK that belongs to it."""
        link = self._link
        if link is None:
            return Answer("unreachable", reason=self._end_reason or "not connected")
        try:
            own_times = self._account.own_times
            message = point(outgoing.dev_eui, outgoing.time, outgoing.document, own_times=own_times)
            body = telemetry_message(message)
        except (TypeError, ValueError) as error:  # orjson's own error is a TypeError
            return Answer("refused", reason=f"the document cannot be sent as telemetry: {error}")
        if not self._account.create_devices and message.device not in self._known:
            return Answer("refused", reason=f"device {message.device} is unknown and createDevices is false")
        if len(body) > MESSAGE_MAX:
            return Answer("refused", reason=f"{len(body)} bytes are more than ThingsBoard takes in one message")
        return await self._publish(link, TELEMETRY_TOPIC, body, lambda: self._announce(link, message))

    def _login(self) -> Login:
        host, secure = self._account.host, self._account.transport == "mqtts"
        return Login(
            host=self._address[0],
            port=self._address[1],
            # Any will do, but not none: at an empty one paho takes a refusal for a reason to try MQTT 3.1.
            identifier=f"uplab-{uuid.uuid4().hex[:12]}",
            username=self._account.username,
            password=self._account.password,
            tls=(lambda: self._trusting(host)) if secure else None,
            keepalive_s=self._keepalive_s,
            connect_timeout_s=self._timeout_s,
        )

    def _trusting(self, host: str) -> NamedContext:
        try:
            return NamedContext.trusting(self._ca_file, host)
        except OSError as error:
            raise OSError(f"the authorities cannot be read: {error}") from None

    def _filters(self) -> tuple[str, ...]:
        return (RPC_TOPIC,)

    def _opened(self) -> None:
        self._announced = set()

    def _received(self, link: Link, message: aiomqtt.Message) -> None:
        if message.topic.value == RPC_TOPIC and isinstance(message.payload, bytes):
            self._spawn(self._command(link, message.payload), "rpc")

    async def _announce(self, link: Link, message: Point) -> None:
        """Name a device to ThingsBoard before its first telemetry of this session."""
        if message.device in self._announced:
            return
        await link.publish(CONNECT_TOPIC, connect_message(message), qos=1, timeout=float("inf"))
        self._announced.add(message.device)
        self._known.add(message.device)

    async def _command(self, link: Link, payload: bytes) -> None:
        """Answer one command; whatever happens, ThingsBoard gets a reply where it can be given one."""
        rpc = read_rpc(payload)
        if rpc is None:
            log.warning("a message on the RPC topic is no command", extra={"facts": {"bytes": len(payload)}})
            return
        self._known.add(rpc.device.upper())  # ThingsBoard names it, so it is there
        data: dict[str, Any]
        if self._on_rpc is None:
            data = {"error": "this connection takes no commands"}
        elif len(self._tasks) > RPC_MAX:
            data = {"error": "too many commands at a time"}
        else:
            try:
                async with asyncio.timeout(self._timeout_s):
                    data = await self._on_rpc(rpc.device.upper(), rpc.method, rpc.params)
            except Exception as error:  # noqa: BLE001 - a foreign callback must not leave ThingsBoard without a reply
                log.exception("a command failed")
                data = {"error": f"the command failed: {type(error).__name__}"}
        with contextlib.suppress(aiomqtt.MqttError):
            await link.publish(RPC_TOPIC, rpc_reply(rpc, data), qos=1, timeout=self._timeout_s)
