"""The MQTT rim: sites, connections, and who gets which command. What is answered is the protocol's business."""

import asyncio
import contextlib
import itertools
import ssl
from typing import Final

from uplab.fakes.behaviour import Behaviour, delivered
from uplab.fakes.faults import Fault
from uplab.fakes.hops import destination_closed
from uplab.fakes.journal import Emit
from uplab.fakes.mqtt.packets import Packet
from uplab.fakes.thingsboard.mqtt.connection import Connection
from uplab.fakes.thingsboard.mqtt.protocol import Protocol
from uplab.fakes.thingsboard.mqtt.session import Close, CloseLater, Command, Later, Send, Session

__all__ = ["MqttRim"]

_STOP_S: Final = 2.0


class MqttRim:
    """Listens for MQTT, and performs the commands of the protocol on its connections."""

    def __init__(self, protocol: Protocol, *, name: str, emit: Emit, behaviour: Behaviour, idle_s: float) -> None:
        self.protocol = protocol
        self.name = name
        self.emit = emit
        self.behaviour = behaviour
        self.idle_s = idle_s
        self.connections = 0
        self.loop: asyncio.AbstractEventLoop
        self._connections: dict[int, Connection] = {}
        self._numbers = itertools.count(1)
        self._sites: list[asyncio.Server] = []

    async def listen(self, host: str, port: int, tls: ssl.SSLContext | None) -> int:
        """Open one more site and return its port; raises OSError when the address cannot be had."""
        self.loop = asyncio.get_running_loop()
        site = await self.loop.create_server(self._open, host, port, ssl=tls, backlog=1024)
        self._sites.append(site)
        return int(site.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close all sites and connections."""
        sites, self._sites = self._sites, []
        for site in sites:
            site.close()
        self.close_all("the server stops")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_S):
                while self._connections:  # noqa: ASYNC110 - each closing is one turn of the loop
                    await asyncio.sleep(0)
                for site in sites:  # one who is in the middle of a TLS handshake is no connection yet, and waited for
                    await site.wait_closed()

    def close_all(self, reason: str) -> None:
        """Cut all connections."""
        for connection in list(self._connections.values()):
            connection.close(reason, reset=True)

    def perform(self, commands: list[Command]) -> None:
        """Obey the protocol, on whichever sessions it names; what is sent is written by the end of this."""
        touched: dict[int, Connection] = {}
        for command in commands:
            connection = self._connections.get(command.session)
            if connection is None:
                continue
            touched[command.session] = connection
            match command:
                case Send(_, packet):
                    connection.send(packet)
                case Later(_, delay_s, packet):
                    connection.later(delay_s, self._answer_late, connection, packet)
                case Close(_, reason):
                    connection.close(reason)
                case CloseLater(_, delay_s, reason):
                    connection.later(delay_s, connection.close, reason)
        for connection in touched.values():
            connection.flush()

    def _answer_late(self, connection: Connection, packet: Packet) -> None:
        connection.session.waiting -= 1
        connection.send(packet)
        connection.flush()

    def opened(self, connection: Connection) -> None:
        """A connection stands, its TLS handshake included."""
        self._connections[connection.session.id] = connection

    def lost(self, connection: Connection, reason: str) -> None:
        """A connection is gone."""
        session = connection.session
        self._connections.pop(session.id, None)
        self.protocol.links.detach(session)
        self.emit(*destination_closed(fake=self.name, session=session.id, reason=reason))

    def delivered(self, fault: Fault, exchange: int) -> None:
        """Report that a fault happened."""
        self.emit(*delivered(fault, exchange))

    def _open(self) -> Connection:
        self.connections += 1
        return Connection(self, Session(next(self._numbers)))
