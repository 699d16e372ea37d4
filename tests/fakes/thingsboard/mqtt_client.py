"""An MQTT client of few lines that sends what it is told, broken bytes too, on real sockets."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator

from uplab.fakes.journal import Emit, Journal
from uplab.fakes.mqtt import packets as p
from uplab.fakes.mqtt.codec import Decoder, encode
from uplab.fakes.thingsboard.server import ThingsBoardServer

DEADLINE_S = 5.0
CLOSED = "closed"
ACCOUNT = ("tenant@thingsboard.org", b"tenant")


class MqttClient:
    """One connection; every wait has a deadline."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, level: int) -> None:
        self._reader = reader
        self.writer = writer
        self.level = level
        self._decoder = Decoder(level=level)
        self._waiting: list[p.Packet | p.Malformed] = []

    @classmethod
    async def open(cls, port: int, *, level: int = 4, tls: ssl.SSLContext | None = None) -> "MqttClient":
        """Connect, without a CONNECT yet."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
        return cls(reader, writer, level)

    @classmethod
    async def connect(
        cls, port: int, *, username: str = ACCOUNT[0], password: bytes | None = ACCOUNT[1], level: int = 4
    ) -> "MqttClient":
        """Connect as the demo account, or as somebody else."""
        client = await cls.open(port, level=level)
        await client.send(p.Connect(level, "c", username=username, password=password))
        assert await client.next() == p.Connack(False, 0)
        return client

    async def send(self, *packets: p.Packet | bytes) -> None:
        """Send packets, or bytes as they are."""
        data = b"".join(one if isinstance(one, bytes) else encode(one, self.level) for one in packets)
        self.writer.write(data)
        await self.writer.drain()

    async def next(self) -> p.Packet | p.Malformed | str:
        """The next packet, or "closed" when the server closed (reset) the connection."""
        async with asyncio.timeout(DEADLINE_S):
            while not self._waiting:
                try:
                    data = await self._reader.read(65_536)
                except ConnectionError:
                    return CLOSED
                if not data:
                    return CLOSED
                self._waiting += self._decoder.feed(data)
        return self._waiting.pop(0)

    async def publish(self, topic: str, payload: bytes, packet_id: int = 7) -> p.Packet | p.Malformed | str:
        """Publish with QoS 1; what comes back."""
        await self.send(p.Publish(topic, payload, 1, packet_id))
        return await self.next()

    async def close(self) -> None:
        """Close the connection."""
        self.writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await self.writer.wait_closed()


async def fact(journal: Journal, hop: str, count: int = 1) -> list[dict[str, object]]:
    """Wait until a hop was emitted that often; its facts."""
    return await asyncio.to_thread(journal.wait_for, hop, count, timeout_s=DEADLINE_S)


@contextlib.asynccontextmanager
async def running(emit: Emit | None = None, **options: object) -> AsyncIterator[tuple[ThingsBoardServer, int]]:
    """A server with one MQTT site; yields the server and its port."""
    server = ThingsBoardServer(emit=emit or Journal(), **options)  # type: ignore[arg-type]
    port = await server.listen_mqtt()
    try:
        yield server, port
    finally:
        await server.stop()
