"""The ThingsBoard connection over MQTT: one link as a gateway, on which every uplink waits for its own PUBACK."""

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import aiomqtt
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from uplab.simulator.forwarder.destinations.mqtt_link import Link, NamedContext
from uplab.simulator.forwarder.destinations.sink import Answer, AnswerKind, Outgoing
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
OnLost = Callable[[str], None]

IN_FLIGHT_MAX = 100  # what ThingsBoard lets a session have unanswered (maxInflightMessages of getSessionLimits)
MESSAGE_MAX = 65_000  # ThingsBoard closes the link at a packet above 65,536 bytes; the topic and the header need some
RPC_MAX = 100  # commands worked on at a time; more are answered with an error

# MQTT 3.1.1 CONNACK codes, which paho gives in their MQTT 5 form.
CONNACK_CODES = {132: 1, 133: 2, 136: 3, 134: 4, 135: 5}
CONNACK_TEXTS = {
    1: "the server does not speak MQTT 3.1.1",
    2: "the server does not know this client",
    3: "the server is unavailable",
    4: "wrong username or password",
    5: "the username is unknown, or not authorised",
}
ACCOUNT_CODES = {2, 4, 5}
SUBSCRIPTION_REFUSED = 0x80  # from here on a SUBACK says no (MQTT 3.1.1 §3.9.3)
NO_COMMANDS = "ThingsBoard refuses the subscription to commands: uplinks go on, and no command comes back"


class ThingsBoardSink:
    """Delivers to ThingsBoard's gateway API (a Sink); it never reconnects by itself, but says when the link is lost.

    `resolve` maps (lower-case host, port) to where it really is; `ca_file` holds the authorities for port 8883 (None:
    the system's). `on_rpc(dev_eui, method, params)` answers a command; `on_lost(reason)` hears of a link that ended
    unasked. With createDevices false only `known_devices` and those that ThingsBoard itself has named are served: the
    gateway API cannot ask for a device without making it.
    """

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
        self._account = account
        self._address = (resolve or {}).get((account.host.lower(), account.port), (account.host, account.port))
        self._ca_file = ca_file
        self._known = {device.upper() for device in known_devices}
        self._on_rpc, self._on_lost = on_rpc, on_lost
        self._timeout_s, self._keepalive_s = timeout_s, keepalive_s
        self._link: Link | None = None
        self._end_reason = ""
        self._announced: set[str] = set()
        self._in_flight: set[asyncio.Timeout] = set()
        self._slots = asyncio.Semaphore(IN_FLIGHT_MAX)
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> Answer:
        """Connect, log in and ask for commands; an open link is closed first."""
        await self.close()
        try:
            link = self._new_link()
        except OSError as error:
            return Answer("unreachable", reason=f"the authorities cannot be read: {error}")
        try:
            await link.__aenter__()
            granted = await link.subscribe(RPC_TOPIC, qos=1)
        except aiomqtt.MqttError as error:
            link.drop()
            return _refusal(error)
        except (OSError, ValueError) as error:  # a host name that cannot be one
            return Answer("unreachable", reason=str(error))
        except asyncio.CancelledError:
            link.drop()
            raise
        self._link, self._end_reason, self._announced = link, "", set()
        self._spawn(self._listen(link), "listen")
        refused = any(_number(code) >= SUBSCRIPTION_REFUSED for code in granted)
        return Answer("delivered", reason=NO_COMMANDS if refused else "")

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
        return await self._publish(link, message, body)

    async def close(self) -> None:
        """End the session; what still waits for a PUBACK becomes unclear."""
        link, self._link = self._link, None
        for task in self._tasks:
            task.cancel()
        self._release("closed")
        if link is not None:
            with contextlib.suppress(aiomqtt.MqttError):
                await link.__aexit__(None, None, None)

    def _new_link(self) -> Link:
        third = self._timeout_s / 3  # TCP, TLS, and CONNACK have a third each, so that all stays within the timeout
        tls = NamedContext.trusting(self._ca_file, self._account.host) if self._account.transport == "mqtts" else None
        link: Link = Link(
            on_end=lambda reason: self._ended(link, reason),
            connect_timeout_s=third,
            timeout=third,
            hostname=self._address[0],
            port=self._address[1],
            # Any will do, but not none: at an empty one paho takes a refusal for a reason to try MQTT 3.1.
            identifier=f"uplab-{uuid.uuid4().hex[:12]}",
            username=self._account.username,
            password=self._account.password,
            keepalive=self._keepalive_s,
            tls_context=tls,
        )
        return link

    async def _publish(self, link: Link, message: Point, body: bytes) -> Answer:
        handed_over = False
        try:
            async with asyncio.timeout(self._timeout_s) as limit:
                self._in_flight.add(limit)
                async with self._slots:
                    await self._announce(link, message)
                    handed_over = True
                    await link.publish(TELEMETRY_TOPIC, body, qos=1, timeout=float("inf"))
            return Answer("delivered")
        except TimeoutError:
            reason = self._end_reason if self._link is not link else f"no acknowledgement in {self._timeout_s:g} s"
        except aiomqtt.MqttError as error:
            reason = _text(error)
            handed_over = handed_over and not _never_written(error)
        finally:
            self._in_flight.discard(limit)
        return Answer("unclear" if handed_over else "unreachable", reason=reason)

    async def _announce(self, link: Link, message: Point) -> None:
        """Name a device to ThingsBoard before its first telemetry of this session."""
        if message.device in self._announced:
            return
        await link.publish(CONNECT_TOPIC, connect_message(message), qos=1, timeout=float("inf"))
        self._announced.add(message.device)
        self._known.add(message.device)

    def _ended(self, link: Link, reason: str) -> None:
        """Hear that a link is gone: nobody waits on it any longer, and whoever decides on reconnecting is told."""
        if self._link is not link:
            return
        self._link = None
        link.drop()
        self._release(f"the link was lost: {reason}")
        if self._on_lost is not None:
            self._on_lost(self._end_reason)

    def _release(self, reason: str) -> None:
        self._end_reason = reason
        now = asyncio.get_running_loop().time()
        for limit in self._in_flight:
            if not limit.expired():
                limit.reschedule(now)
        self._in_flight.clear()

    async def _listen(self, link: Link) -> None:
        try:
            async for message in link.messages:
                if message.topic.value == RPC_TOPIC and isinstance(message.payload, bytes):
                    self._spawn(self._command(link, message.payload), "rpc")
        except aiomqtt.MqttError as error:
            self._ended(link, _text(error))

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

    def _spawn(self, work: Any, name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=f"thingsboard[{self._account.host}].{name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _refusal(error: aiomqtt.MqttError) -> Answer:
    """Say whether the account was refused or the server not reached."""
    if not isinstance(error, aiomqtt.MqttCodeError) or not isinstance(error.rc, ReasonCode):
        return Answer("unreachable", reason=_text(error))
    code = CONNACK_CODES.get(error.rc.value, error.rc.value)
    kind: AnswerKind = "authentication_failed" if code in ACCOUNT_CODES else "unreachable"
    return Answer(kind, code, f"CONNACK {code}: {CONNACK_TEXTS.get(code, str(error.rc))}")


def _number(code: int | ReasonCode) -> int:
    """A code of a SUBACK, which paho gives in its MQTT 5 form."""
    return code if isinstance(code, int) else int(code.value)


def _never_written(error: aiomqtt.MqttError) -> bool:
    """Whether a failed publish certainly left no byte on the wire."""
    return isinstance(error, aiomqtt.MqttCodeError) and error.rc == MQTTErrorCode.MQTT_ERR_NO_CONN


def _text(error: aiomqtt.MqttError) -> str:
    return str(error) or type(error).__name__
