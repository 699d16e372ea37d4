"""A load for MQTT servers, in a process of its own: QoS 1, 64 messages without their PUBACK at a time."""

import asyncio
import gc
import struct
from collections.abc import Iterator, Sequence
from time import monotonic

import orjson

from tests.bench.http_load import Load
from tests.bench.uplinks import TELEMETRY

__all__ = ["MqttLoad", "Session", "connect_packet", "point", "publish_packet"]

_WINDOW = 64
_DEVICES = 200
_PUBACK_BYTES = 4
_CONNACK_BYTES = 4


class MqttLoad:
    """Publishes telemetry as ThingsBoard's gateway API takes it."""

    def __init__(self) -> None:
        self._made = 0

    async def publish(self, port: int, count: int, limit_s: float) -> Load:
        """Publish so many on one connection, or as many as the time allows."""
        packets = [publish_packet(number % 65_535 + 1, self._message()) for number in range(count)]
        gc.collect()
        loop = asyncio.get_running_loop()
        _, session = await loop.create_connection(lambda: Session(loop), "127.0.0.1", port)
        began_s = 0.0
        try:
            async with asyncio.timeout(limit_s):
                await session.connected
                began_s = monotonic()
                session.begin(packets)
                await session.ended
        except TimeoutError:
            pass  # what was acknowledged by then counts
        elapsed_s = monotonic() - began_s
        session.close()
        return Load(count, session.acknowledged, 0, elapsed_s)

    async def stop(self) -> None:
        """Nothing is kept open between orders."""

    def _message(self) -> bytes:
        self._made += 1
        device = f"0018B2{self._made % _DEVICES:010X}"
        return orjson.dumps({device: [point(self._made, device)]})


def point(number: int, device: str) -> dict[str, object]:
    """What one device measured at a time."""
    values = {
        "temperature": 21.5,
        "humidity": 45,
        "light": number & 0x3FF,
        "battery": 3600,
        "LrrRSSI": -87.5,
        "LrrSNR": 9.25,
        "FPort": 5,
        "FCntUp": number,
        "SpFact": 7,
        "DevEUI": device,
        "payload_hex": "0100E2022D0400270506060308070D62",
        "Lrrid": "10000272",
        "Channel": "LC1",
    }
    return {"ts": 1_767_225_600_000 + number, "values": values}


class Session(asyncio.Protocol):
    """One MQTT 3.1.1 session that only publishes, so many messages at a time without their PUBACK.

    It is the gateway's of the demo account, or that of the device whose access `token` is given.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, *, window: int = _WINDOW, token: str | None = None) -> None:
        self._loop, self._window = loop, window
        self._account = (token, None) if token else ("tenant@thingsboard.org", "tenant")
        self._packets: Iterator[bytes] = iter(())
        self._wanted = 0
        self._transport: asyncio.Transport | None = None
        self._bytes = 0
        self.connected: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[None] = loop.create_future()
        self.acknowledged = 0

    @property
    def is_open(self) -> bool:
        """Whether it was let in, and nobody has closed it."""
        return self.connected.done() and self._transport is not None

    def begin(self, packets: Sequence[bytes]) -> None:
        """Publish these; `ended` is done when all are acknowledged."""
        self._packets, self._wanted = iter(packets), self.acknowledged + len(packets)
        self.ended = self._loop.create_future()
        self._send(self._window)
        self._end()

    def close(self) -> None:
        """End the session."""
        if self._transport is not None:
            self._transport.write(b"\xe0\x00")
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a client's is always a write transport
        assert self._transport is not None
        self._transport.write(connect_packet("bench", *self._account))

    def data_received(self, data: bytes) -> None:
        if not self.connected.done():
            if data[0] >> 4 == 2 and data[3] == 0:
                self.connected.set_result(None)
            else:
                self.connected.set_exception(ConnectionError(f"the login is refused: {data[:4].hex()}"))
            data = data[_CONNACK_BYTES:]
        # Only PUBACKs come after that, all of the same length.
        before, self._bytes = self._bytes, self._bytes + len(data)
        fresh = self._bytes // _PUBACK_BYTES - before // _PUBACK_BYTES
        self.acknowledged += fresh
        self._send(fresh)
        self._end()

    def connection_lost(self, _exc: Exception | None) -> None:
        self._transport = None
        for future in (self.connected, self.ended):
            if not future.done():
                future.set_exception(ConnectionError("the server closed the connection"))

    def _end(self) -> None:
        if self.acknowledged >= self._wanted and not self.ended.done():
            self.ended.set_result(None)

    def _send(self, count: int) -> None:
        packets = b"".join(packet for _, packet in zip(range(count), self._packets, strict=False))
        if packets and self._transport is not None:
            self._transport.write(packets)


def connect_packet(client_id: str, username: str, password: str | None) -> bytes:
    """CONNECT of MQTT 3.1.1 with a clean session (3.1)."""
    payload = b"".join(_text(text) for text in (client_id, username, password) if text is not None)
    body = (
        _text("MQTT") + bytes((4, 0b1000_0010 if password is None else 0b1100_0010)) + struct.pack(">H", 600) + payload
    )
    return b"\x10" + _length(len(body)) + body


def publish_packet(packet_id: int, message: bytes, topic: bytes = TELEMETRY) -> bytes:
    """PUBLISH of MQTT 3.1.1 with QoS 1, to ThingsBoard's gateway API unless told otherwise (3.3)."""
    body = struct.pack(">H", len(topic)) + topic + struct.pack(">H", packet_id) + message
    return b"\x32" + _length(len(body)) + body


def _text(text: str) -> bytes:
    raw = text.encode()
    return struct.pack(">H", len(raw)) + raw


def _length(count: int) -> bytes:
    """Remaining Length: seven bits a byte, the low ones first (2.2.3)."""
    low, rest = count & 0x7F, count >> 7
    return bytes((low | 0x80,)) + _length(rest) if rest else bytes((low,))
