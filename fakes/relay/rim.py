"""The relay's sockets: one to each client, one to the broker for it, and the conversation between them."""

import asyncio
import contextlib
import itertools
import socket
import ssl
import struct
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, cast

from uplab.fakes.behaviour import Behaviour
from uplab.fakes.hops import Said, destination_closed
from uplab.fakes.journal import Emit, ignore
from uplab.fakes.mqtt.wire import WireError
from uplab.fakes.relay import commands as c
from uplab.fakes.relay.conversation import Conversation
from uplab.fakes.relay.door import Door
from uplab.fakes.relay.translation import Translation

__all__ = ["Reach", "Relay"]

Reach = Callable[[], Awaitable[tuple[str, int]]]
"""Gives host and port of the broker, once it takes connections; OSError when it cannot be had."""

CONNECT_S: Final = 30.0
"""Seconds that a client may take for its CONNECT."""

_LINGER_S: Final = 5.0  # how long a closed connection may take to take in what was still to be sent
_STOP_S: Final = 2.0


class Relay:
    """Stands before any broker: tells what comes, and delivers the faults in force.

    `door` says who may come in; without one the broker alone decides. A client's messages of more than
    `max_packet_bytes` end its connection. A broker that is `older` speaks MQTT 3.1.1 alone, and with `tls` it is spoken
    to over TLS. All methods belong to the thread of the event loop.
    """

    def __init__(
        self,
        reach: Reach,
        *,
        name: str,
        emit: Emit = ignore,
        behaviour: Behaviour | None = None,
        door: Door | None = None,
        max_packet_bytes: int = 1_000_000,
        older: bool = False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.name = name
        self.tls = tls
        self.emit = emit
        self.behaviour = behaviour or Behaviour()
        self.door = door
        self.max_packet_bytes = max_packet_bytes
        self.older = older
        self.reach = reach
        self.opened = 0
        """How many connections have come so far."""
        self._numbers = itertools.count(1)
        self._clients: set[_Client] = set()
        self._sites: list[asyncio.Server] = []

    async def listen(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> int:
        """Open one more site and return its port; raises OSError when the address cannot be had."""
        site = await asyncio.get_running_loop().create_server(self._open, host, port, ssl=tls, backlog=1024)
        self._sites.append(site)
        return int(site.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close all sites and connections."""
        sites, self._sites = self._sites, []
        for site in sites:
            site.close()
        self.close_all("the relay stops")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_S):
                while self._clients:  # noqa: ASYNC110 - each closing is one turn of the loop
                    await asyncio.sleep(0)
                for site in sites:  # one who is in the middle of a TLS handshake is no connection yet, and waited for
                    await site.wait_closed()

    def close_all(self, reason: str) -> None:
        """Cut all connections."""
        for client in list(self._clients):
            client.end(reason, reset=True)

    def conversation(self, subject: str | None) -> Conversation:
        """The conversation of one more client."""
        return Conversation(
            self.name,
            next(self._numbers),
            lambda: self.behaviour,
            door=self.door,
            subject=subject,
            max_packet_bytes=self.max_packet_bytes,
        )

    def came(self, client: "_Client") -> None:
        """A connection stands, its TLS handshake included."""
        self._clients.add(client)

    def went(self, client: "_Client", session: int, reason: str) -> None:
        """A connection is gone."""
        self._clients.discard(client)
        self.emit(*destination_closed(fake=self.name, session=session, reason=reason))

    def _open(self) -> "_Client":
        self.opened += 1
        return _Client(self)


class _Client(asyncio.Protocol):
    """One client; obeys its conversation."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._loop = asyncio.get_running_loop()
        self._conversation: Conversation
        self._transport: asyncio.Transport | None = None
        self._broker: _Broker | None = None
        self._waiting: list[bytes] = []  # for the broker, until it is connected
        self._out: deque[c.Answer | c.Drip] = deque()  # while one of them is written drop by drop
        self._dripping = False
        self._timers: set[asyncio.TimerHandle] = set()
        self._dialling: asyncio.Task[None] | None = None
        self._reason = ""
        self.congested = False

    # --- asyncio.Protocol ---------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's has the methods, not the type
        self._conversation = self._relay.conversation(_subject(transport.get_extra_info("peercert")))
        self._relay.came(self)
        self._later(CONNECT_S, self._still_silent)

    def data_received(self, data: bytes) -> None:
        self._obey(self._conversation.from_client(data))
        if self._conversation.stalled and self._transport is not None:
            self._transport.pause_reading()

    def pause_writing(self) -> None:
        # Who does not read what is pushed to it is pushed nothing more: the broker has to wait.
        self.congested = True
        if self._broker is not None:
            self._broker.listen(False)

    def resume_writing(self) -> None:
        self.congested = False
        if self._broker is not None:
            self._broker.listen(True)

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._transport = None
        if self._dialling is not None:
            self._dialling.cancel()
        if self._broker is not None:
            self._broker.close()
        said = self._conversation.reason
        reason = self._reason or said or (f"connection lost: {exc}" if exc else "the client closed the connection")
        self._relay.went(self, self._conversation.session, reason)

    # --- what the broker's side asks of it ----------------------------------------------------------------------------

    def from_broker(self, data: bytes) -> None:
        """The broker has sent something."""
        self._obey(self._conversation.from_broker(data))

    def broker_lost(self, reason: str) -> None:
        """The broker has gone."""
        self._broker = None
        self.end(self._conversation.reason or reason)

    def listen(self, on: bool) -> None:
        """Read on, or not."""
        if self._transport is not None and not self._transport.is_closing():
            if on and not self._conversation.stalled:
                self._transport.resume_reading()
            else:
                self._transport.pause_reading()

    def end(self, reason: str, *, reset: bool = False) -> None:
        """Close both sides once everything is written; with a TCP reset at once when asked."""
        self._reason = self._reason or reason
        if self._broker is not None:
            self._broker.close()
        transport = self._transport
        if transport is None:
            return
        if reset:
            sock = transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        elif not transport.is_closing():
            transport.close()
            self._later(_LINGER_S, transport.abort)

    # --- commands -----------------------------------------------------------------------------------------------------

    def _obey(self, commands: list[c.Command]) -> None:
        """Do what the conversation says; what goes the same way is written at once."""
        up: list[bytes] = []
        for command in commands:
            match command:
                case c.Tell(said):
                    self._relay.emit(*said)
                case c.Forward(data):
                    up.append(data)
                case c.Answer() | c.Drip():
                    self._answer(command)
                case c.Dial():
                    self._dialling = self._loop.create_task(self._dial())
                case c.Later(delay_s):
                    self._later(delay_s, self._resume)
                case c.End(reason, reset):
                    self._forward(up)
                    self.end(reason, reset=reset)
        self._forward(up)

    def _forward(self, up: list[bytes]) -> None:
        if not up:
            return
        data = up[0] if len(up) == 1 else b"".join(up)
        up.clear()
        if self._broker is not None:
            self._broker.write(data)
        else:
            self._waiting.append(data)

    def _answer(self, command: c.Answer | c.Drip) -> None:
        if self._dripping:
            self._out.append(command)
        elif isinstance(command, c.Drip):
            self._dripping = True
            self._drip(command)
        else:
            self._write(command.data, command.said)

    def _write(self, data: bytes, said: tuple[Said, ...]) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return  # nothing is sent on a closing connection, so nothing is acknowledged there either
        transport.write(data)
        for one in said:
            self._relay.emit(*one)

    def _drip(self, drip: c.Drip) -> None:
        first, rest = drip.data[:1], drip.data[1:]
        if rest:
            self._write(first, ())
            self._later(1 / drip.bytes_per_s, self._drip, c.Drip(rest, drip.bytes_per_s, drip.said))
            return
        self._write(first, drip.said)
        self._dripping = False
        while self._out and not self._dripping:
            self._answer(self._out.popleft())

    def _resume(self) -> None:
        self._obey(self._conversation.resume())
        self.listen(True)

    async def _dial(self) -> None:
        """Connect to the broker, and hand on what has waited for it."""
        try:
            host, port = await self._relay.reach()
            to_broker = partial(_Broker, self, self._relay.older)
            _, broker = await self._loop.create_connection(to_broker, host, port, ssl=self._relay.tls)
        except OSError as error:
            self.end(f"the broker cannot be reached: {error.strerror or error}")
            return
        finally:
            self._dialling = None
        self._broker = broker
        if self._transport is None or self._transport.is_closing():
            self._broker.close()
            return
        waiting, self._waiting = self._waiting, []
        self._broker.write(b"".join(waiting))

    def _still_silent(self) -> None:
        if self._conversation.guest is None:
            self.end(f"no CONNECT within {CONNECT_S:g} s")

    def _later(self, delay_s: float, action: Any, *arguments: Any) -> None:
        """Call something after a while, if the connection is still there."""
        timer: asyncio.TimerHandle

        def run() -> None:
            self._timers.discard(timer)
            action(*arguments)

        timer = self._loop.call_later(delay_s, run)
        self._timers.add(timer)


class _Broker(asyncio.Protocol):
    """The broker's end for one client."""

    def __init__(self, client: _Client, older: bool) -> None:
        """To a broker that is `older` the client's MQTT 5 is translated."""
        self._client = client
        self._translation = Translation() if older else None
        self._transport: asyncio.Transport | None = None
        self._closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if self._client.congested:
            self.listen(False)

    def data_received(self, data: bytes) -> None:
        if not self._closed and (told := self._said(data, to_broker=False)):
            self._client.from_broker(told)

    def pause_writing(self) -> None:
        self._client.listen(False)

    def resume_writing(self) -> None:
        self._client.listen(True)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if not self._closed:
            self._client.broker_lost(f"the broker broke the connection: {exc}" if exc else "the broker closed it")

    def listen(self, on: bool) -> None:
        """Read on, or not."""
        if self._transport is not None and not self._transport.is_closing():
            if on:
                self._transport.resume_reading()
            else:
                self._transport.pause_reading()

    def write(self, data: bytes) -> None:
        """Hand it to the socket."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(self._said(data, to_broker=True))

    def _said(self, data: bytes, *, to_broker: bool) -> bytes:
        """The same in the words of the other side; nothing where it has none for it, which ends the connection."""
        if self._translation is None:
            return data
        try:
            return self._translation.to_broker(data) if to_broker else self._translation.to_client(data)
        except WireError as error:
            self._client.end(f"the broker speaks MQTT 3.1.1: {error.reason}")
            return b""

    def close(self) -> None:
        """Close it once everything is written; what it still sends is nobody's."""
        self._closed = True
        if self._transport is not None:
            self._transport.close()


def _subject(certificate: Any) -> str | None:
    """The common name of a client certificate, as `ssl` shows it; its serial number where it has none."""
    if not certificate:
        return None
    for part in certificate.get("subject", ()):
        for name, value in part:
            if name == "commonName":
                return str(value)
    return f"serial number {certificate.get('serialNumber')}"
