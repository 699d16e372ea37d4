"""One session at an MQTT server, on which every message waits for its own PUBACK: what all sinks over MQTT share."""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import aiomqtt
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from uplab.simulator.forwarder.destinations.mqtt_link import Link
from uplab.simulator.forwarder.destinations.sink import Answer, AnswerKind

__all__ = ["Login", "MqttSession", "OnLost"]

OnLost = Callable[[str], None]

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


@dataclass(frozen=True, slots=True)
class Login:
    """Where a server is and who we are there.

    `tls` makes the context, OSError where it cannot; `clean` forgets what the server kept of the last session.
    """

    host: str
    port: int
    identifier: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: Callable[[], ssl.SSLContext] | None = None
    clean: bool = True
    keepalive_s: int = 60
    connect_timeout_s: float = 10.0


class MqttSession:
    """A link that never reconnects by itself, but says when it is lost; the base of the sinks over MQTT.

    `on_lost(reason)` hears of a link that ended unasked. A message that is not acknowledged within `timeout_s` is
    unclear, and so is one under way when the link ends.
    """

    in_flight_max: ClassVar[int] = 20
    """Messages that may be unacknowledged at a time."""
    no_commands: ClassVar[str] = "the server refuses the subscription to commands: uplinks go on, and none comes back"

    def __init__(self, *, on_lost: OnLost | None, timeout_s: float) -> None:
        """Begin closed."""
        self._on_lost = on_lost
        self._timeout_s = timeout_s
        self._link: Link | None = None
        self._end_reason = ""
        self._in_flight: set[asyncio.Timeout] = set()
        self._slots = asyncio.Semaphore(self.in_flight_max)
        self._tasks: set[asyncio.Task[None]] = set()

    # -- what a sink says of itself

    def _login(self) -> Login:
        """Say where the server is."""
        raise NotImplementedError

    def _filters(self) -> tuple[str, ...]:
        """Name what is subscribed to."""
        return ()

    def _left(self) -> tuple[str, ...]:
        """Name what the server may still know of an earlier session, and nobody wants any more."""
        return ()

    def _opened(self) -> None:
        """Begin a new session."""

    def _received(self, link: Link, message: aiomqtt.Message) -> None:
        """Take what was subscribed to."""

    # -- the link

    async def open(self) -> Answer:
        """Connect, log in and ask for commands; an open link is closed first."""
        await self.close()
        try:
            link = self._new_link(self._login())
        except OSError as error:
            return Answer("unreachable", reason=str(error))
        try:
            await link.__aenter__()
            for left in self._left():
                await link.unsubscribe(left)
            granted = [code for wanted in self._filters() for code in await link.subscribe(wanted, qos=1)]
        except aiomqtt.MqttError as error:
            link.drop()
            return _refusal(error)
        except (OSError, ValueError) as error:  # a host name that cannot be one
            return Answer("unreachable", reason=str(error))
        except asyncio.CancelledError:
            link.drop()
            raise
        self._link, self._end_reason = link, ""
        self._opened()
        self._spawn(self._listen(link), "listen")
        refused = any(_number(code) >= SUBSCRIPTION_REFUSED for code in granted)
        return Answer("delivered", reason=self.no_commands if refused else "")

    async def close(self) -> None:
        """End the session; what still waits for a PUBACK becomes unclear."""
        link, self._link = self._link, None
        for task in self._tasks:
            task.cancel()
        self._release("closed")
        if link is not None:
            with contextlib.suppress(aiomqtt.MqttError):
                await link.__aexit__(None, None, None)

    def _new_link(self, login: Login) -> Link:
        third = login.connect_timeout_s / 3  # TCP, TLS, and CONNACK have a third each, so that all stays within it
        link: Link = Link(
            on_end=lambda reason: self._ended(link, reason),
            connect_timeout_s=third,
            timeout=third,
            hostname=login.host,
            port=login.port,
            identifier=login.identifier,
            username=login.username,
            password=login.password,
            keepalive=login.keepalive_s,
            clean_session=login.clean,
            tls_context=login.tls() if login.tls is not None else None,
        )
        return link

    async def _publish(
        self, link: Link, topic: str, body: bytes, first: Callable[[], Awaitable[None]] | None = None
    ) -> Answer:
        """Publish a message, after what `first` does on the link, and wait for its PUBACK."""
        handed_over = False
        try:
            async with asyncio.timeout(self._timeout_s) as limit:
                self._in_flight.add(limit)
                async with self._slots:
                    if first is not None:
                        await first()
                    handed_over = True
                    await link.publish(topic, body, qos=1, timeout=float("inf"))
            return Answer("delivered")
        except TimeoutError:
            reason = self._end_reason if self._link is not link else f"no acknowledgement in {self._timeout_s:g} s"
        except aiomqtt.MqttError as error:
            reason = _text(error)
            handed_over = handed_over and not _never_written(error)
        finally:
            self._in_flight.discard(limit)
        return Answer("unclear" if handed_over else "unreachable", reason=reason)

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
                self._received(link, message)
        except aiomqtt.MqttError as error:
            self._ended(link, _text(error))

    def _spawn(self, work: Any, name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=f"{type(self).__name__}.{name}")
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
