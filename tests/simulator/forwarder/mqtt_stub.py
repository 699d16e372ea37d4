"""A scripted MQTT 3.1.1 server: it answers by the book unless a test tells it otherwise, and keeps what it was told."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Broker", "Publish", "serve"]

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, PINGREQ, DISCONNECT = 1, 2, 3, 4, 8, 9, 12, 14
DEADLINE_S = 5.0


@dataclass(frozen=True)
class Publish:
    """A PUBLISH that arrived; its payload was JSON."""

    topic: str
    qos: int
    packet_id: int
    body: Any


@dataclass
class Broker:
    """What the script says, and what arrived; `changed` is set at every arrival."""

    port: int = 0
    connack: int | None = 0
    suback: int | None = None
    acknowledge: Callable[[Publish], bool] = lambda _: True
    connects: list[dict[str, Any]] = field(default_factory=list)
    published: list[Publish] = field(default_factory=list)
    subscribed: list[tuple[str, int]] = field(default_factory=list)
    unsubscribed: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    def on(self, topic: str) -> list[Any]:
        """Return the bodies that were published to one topic."""
        return [publish.body for publish in self.published if publish.topic == topic]

    async def wait(self, fact: Callable[[], bool], what: str) -> None:
        """Wait until a fact holds; the failure says what did arrive."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                while not fact():
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            raise AssertionError(f"waited for {what}; arrived: {self.published}, ended: {self.ended}") from None

    def push(self, topic: str, body: object) -> None:
        """Publish to the newest client with QoS 1."""
        data = json.dumps(body).encode() if not isinstance(body, bytes) else body
        head = len(topic).to_bytes(2, "big") + topic.encode() + (7).to_bytes(2, "big")
        self.writers[-1].write(_packet(PUBLISH << 4 | 0x02, head + data))

    def acknowledge_now(self, publish: Publish) -> None:
        """Send the PUBACK that was withheld."""
        self.writers[-1].write(_packet(PUBACK << 4, publish.packet_id.to_bytes(2, "big")))

    def cut(self) -> None:
        """Reset the newest client's connection."""
        self.writers[-1].transport.abort()

    async def client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it ends."""
        self.writers.append(writer)
        reason = "end of stream"
        try:
            while True:
                first, body = await _read(reader)
                if first >> 4 == DISCONNECT:
                    reason = "DISCONNECT"
                    break
                self._answer(first, body, writer)
                self.changed.set()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.ended.append(reason)
            self.changed.set()
            writer.close()

    def _answer(self, first: int, body: bytes, writer: asyncio.StreamWriter) -> None:
        match first >> 4:
            case 1:
                self.connects.append(_connect(body))
                if self.connack is not None:
                    writer.write(_packet(CONNACK << 4, bytes([0, self.connack])))
                    if self.connack:
                        writer.close()
            case 3:
                publish = _publish(first, body)
                self.published.append(publish)
                if publish.qos and self.acknowledge(publish):
                    writer.write(_packet(PUBACK << 4, publish.packet_id.to_bytes(2, "big")))
            case 8:
                length = int.from_bytes(body[2:4], "big")
                self.subscribed.append((body[4 : 4 + length].decode(), body[4 + length]))
                granted = body[4 + length] if self.suback is None else self.suback
                writer.write(_packet(SUBACK << 4, body[:2] + bytes([granted])))
            case 10:
                self.unsubscribed.append(body[4:].decode())
                writer.write(_packet(0xB0, body[:2]))
            case 12:
                writer.write(_packet(0xD0, b""))
            case 4:
                pass
            case kind:
                raise AssertionError(f"unexpected packet type {kind}")


def _packet(first: int, body: bytes) -> bytes:
    length, coded = len(body), b""
    while length > 127:
        coded += bytes([length & 127 | 128])
        length >>= 7
    return bytes([first]) + coded + bytes([length]) + body


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    first = (await reader.readexactly(1))[0]
    length = shift = 0
    while True:
        byte = (await reader.readexactly(1))[0]
        length |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return first, await reader.readexactly(length)


def _connect(body: bytes) -> dict[str, Any]:
    fields: list[str] = []
    at = 10
    while at < len(body):
        length = int.from_bytes(body[at : at + 2], "big")
        fields.append(body[at + 2 : at + 2 + length].decode())
        at += 2 + length
    return {
        "protocol": body[2:6].decode(),
        "level": body[6],
        "clean": bool(body[7] & 2),
        "client_id": fields[0],
        "username": fields[1],
        "password": fields[2],
    }


def _publish(first: int, body: bytes) -> Publish:
    length = int.from_bytes(body[:2], "big")
    topic, rest = body[2 : 2 + length].decode(), body[2 + length :]
    qos = first >> 1 & 3
    packet_id = int.from_bytes(rest[:2], "big") if qos else 0
    return Publish(topic, qos, packet_id, json.loads(rest[2:] if qos else rest))


@contextlib.asynccontextmanager
async def serve(tls: ssl.SSLContext | None = None) -> AsyncIterator[Broker]:
    """Listen on a free port of 127.0.0.1."""
    broker = Broker()
    server = await asyncio.start_server(broker.client, "127.0.0.1", 0, ssl=tls)
    broker.port = server.sockets[0].getsockname()[1]
    try:
        yield broker
    finally:
        server.close()
        for writer in broker.writers:
            writer.transport.abort()
        await server.wait_closed()
