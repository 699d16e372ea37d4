"""The operator's session, at a broker that says no."""

import asyncio
import contextlib

import pytest

from uplab.fakes.broker.operator import Operator, OperatorError
from uplab.fakes.mqtt import packets as p
from uplab.fakes.mqtt.codec import Decoder, encode


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({p.Connect: p.Connack(False, 5)}, "does not let its operator in"),
        ({}, "does not let its operator in: it closed"),
        ({p.Connect: p.Connack(False, 0), p.Subscribe: p.Suback(1, (0x80,))}, "refuses its operator the subscription"),
    ],
)
def test_broker_that_says_no_is_told(answers: dict[type, p.Packet], message: str) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        decoder = Decoder()
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(1000):
                said = [answers.get(type(packet)) for packet in decoder.feed(data)]
                if None in said:
                    break
                writer.write(b"".join(encode(packet) for packet in said if packet is not None))
        writer.transport.abort()

    async def story() -> None:
        behind = await asyncio.start_server(serve, "127.0.0.1", 0)
        operator = Operator()

        async def begin() -> None:
            await operator.open("127.0.0.1", behind.sockets[0].getsockname()[1])
            await operator.subscribe("a")

        with pytest.raises(OperatorError, match=message):
            await begin()
        await operator.close()
        behind.close()

    asyncio.run(story())
