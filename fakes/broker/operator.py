"""The broker's own client, beside the relay: publishes what a user's program would, and hears what subscribers get."""

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass
from typing import Final

from uplab.fakes.mqtt import packets as p
from uplab.fakes.mqtt.codec import Decoder, encode
from uplab.fakes.mqtt.topics import matches

__all__ = ["Heard", "Operator", "OperatorError"]

_TIMEOUT_S: Final = 20.0
_KEPT: Final = 10_000
_MAX_BYTES: Final = 1 << 28


class OperatorError(Exception):
    """The broker did not do what its operator asked for."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as a subscriber gets it."""

    topic: str
    payload: bytes
    qos: int
    retain: bool


class Operator:
    """One session at the broker itself, which no fault and no right concerns; MQTT 3.1.1."""

    def __init__(self, name: str = "uplab-operator") -> None:
        self.heard: deque[Heard] = deque(maxlen=_KEPT)
        self._name = name
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._answers: dict[int, asyncio.Future[p.Packet]] = {}
        self._packet_id = 0
        self._changed = asyncio.Condition()

    async def open(self, host: str, port: int) -> None:
        """Connect; OperatorError where the broker does not let it in."""
        reader, self._writer = await asyncio.open_connection(host, port)
        decoder = Decoder(level=p.V3_1_1, max_bytes=_MAX_BYTES)
        self._writer.write(encode(p.Connect(p.V3_1_1, self._name)))
        async with asyncio.timeout(_TIMEOUT_S):
            found = await _some(reader, decoder)
        if not found or not isinstance(found[0], p.Connack) or found[0].code:
            raise OperatorError(f"the broker does not let its operator in: {found[0] if found else 'it closed'}")
        self._reading = asyncio.create_task(self._read(reader, decoder, found[1:]))

    async def subscribe(self, wanted: str) -> None:
        """Hear what is published there from now on."""
        number = self._next()
        answer = await self._ask(number, p.Subscribe(number, (p.Subscription(wanted, 1),)))
        if not isinstance(answer, p.Suback) or answer.codes[0] >= 0x80:
            raise OperatorError(f"the broker refuses its operator the subscription to {wanted}")

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish with QoS 1, and wait until the broker has it."""
        number = self._next()
        await self._ask(number, p.Publish(topic, payload, 1, number, retain))

    async def wait_for(self, count: int, wanted: str = "#", *, timeout_s: float = _TIMEOUT_S) -> list[Heard]:
        """The messages of a filter once there are so many; fewer when the time is up."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s), self._changed:
                await self._changed.wait_for(lambda: len(self._of(wanted)) >= count)
        return self._of(wanted)

    def _of(self, wanted: str) -> list[Heard]:
        return [one for one in self.heard if matches(wanted, one.topic)]

    async def close(self) -> None:
        """Say good-bye."""
        if self._writer is not None:
            self._writer.write(encode(p.Disconnect()))
            self._writer.close()
            with contextlib.suppress(ConnectionError):
                await self._writer.wait_closed()
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    def _next(self) -> int:
        self._packet_id = self._packet_id % 0xFFFF + 1
        return self._packet_id

    async def _ask(self, number: int, packet: p.Packet) -> p.Packet:
        assert self._writer is not None, "open comes first"
        answer = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        self._writer.write(encode(packet))
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                found: p.Packet = await answer
                return found
        except TimeoutError:
            raise OperatorError(f"the broker did not answer {type(packet).__name__} within {_TIMEOUT_S:g} s") from None
        finally:
            self._answers.pop(number, None)

    async def _read(self, reader: asyncio.StreamReader, decoder: Decoder, found: list[p.Packet | p.Malformed]) -> None:
        while found or not reader.at_eof():
            for packet in found or await _some(reader, decoder):
                await self._take(packet)
            found = []

    async def _take(self, packet: p.Packet | p.Malformed) -> None:
        if isinstance(packet, p.Publish):
            async with self._changed:
                self.heard.append(Heard(packet.topic, packet.payload, packet.qos, packet.retain))
                self._changed.notify_all()
            if packet.qos and self._writer is not None:
                self._writer.write(encode(p.Puback(packet.packet_id)))
        elif isinstance(packet, p.Puback | p.Suback):
            answer = self._answers.get(packet.packet_id)
            if answer is not None and not answer.done():
                answer.set_result(packet)


async def _some(reader: asyncio.StreamReader, decoder: Decoder) -> list[p.Packet | p.Malformed]:
    """The next packets; none at the end of the connection."""
    while data := await reader.read(65_536):
        if found := decoder.feed(data):
            return found
    return [] if reader.at_eof() else [p.Malformed("the broker said nothing")]
