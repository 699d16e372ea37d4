"""Who begins an MQTT packet and does not end it is put out, and nobody else."""

import asyncio
from typing import Any

import pytest

from uplab.fakes.mqtt import packets as p
from uplab.fakes.mqtt.codec import Decoder, encode
from uplab.fakes.thingsboard.mqtt import connection
from uplab.fakes.thingsboard.server import ThingsBoardServer

CONNECT = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01a"
PING, PONG = b"\xc0\x00", b"\xd0\x00"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PACKET_S", 0.3)


async def put_out(port: int, pieces: list[bytes]) -> bytes:
    """What a client is told that sends these pieces and then waits for the end of the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        async with asyncio.timeout(20):
            return await reader.read()
    finally:
        writer.close()


@pytest.mark.parametrize("half", [CONNECT[:1], CONNECT[:2], CONNECT[:-1]])
def test_half_a_packet_is_put_out_and_told(half: bytes) -> None:
    hops: list[tuple[str, dict[str, Any]]] = []

    async def run() -> bytes:
        fake = ThingsBoardServer(emit=lambda hop, facts: hops.append((hop, facts)))
        try:
            return await put_out(await fake.listen_mqtt(), [half])
        finally:
            await fake.stop()

    assert asyncio.run(run()) == b""
    [closed] = [facts["reason"] for hop, facts in hops if hop == "destination.closed"]
    assert closed == "a packet had begun 0.3 s ago and was not whole"


def test_others_go_on_while_many_are_put_out() -> None:
    async def run() -> int:
        fake = ThingsBoardServer()
        port = await fake.listen_mqtt()
        hello = p.Connect(4, "good", username="tenant@thingsboard.org", password=b"tenant")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(encode(hello))
            assert await reader.readexactly(4) == b"\x20\x02\x00\x00"
            halves = [asyncio.create_task(put_out(port, [CONNECT[:5]])) for _ in range(100)]
            pongs = 0
            while not all(half.done() for half in halves):
                writer.write(PING)
                assert await reader.readexactly(2) == PONG
                pongs += 1
            return pongs
        finally:
            writer.close()
            await fake.stop()

    assert asyncio.run(run()) > 0


def test_packets_that_come_in_pieces_are_whole() -> None:
    decoder = Decoder()
    assert not decoder.begun
    assert decoder.feed(CONNECT[:3]) == []
    begun = [decoder.begun]
    assert len(decoder.feed(CONNECT[3:])) == 1
    begun.append(decoder.begun)
    assert begun == [True, False]
