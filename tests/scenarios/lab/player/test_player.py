"""The player between two sockets of this machine."""

from __future__ import annotations

import asyncio
import contextlib

from uplab.scenarios.lab.player.mutation import Mutation
from uplab.scenarios.lab.player.player import Player

REQUEST = b'POST / HTTP/1.1\r\nContent-Length: 47\r\n\r\n{"DevEUI_uplink":{"DevEUI":"A","FPort":5,"a":1}}'
_WAIT_S = 10.0


async def through(player: Player, sent: bytes) -> tuple[bytes, bytes]:
    """What the server behind has read, and what the client was answered, when the client has said all."""
    read: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got = await reader.read(65_536)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await writer.drain()
        writer.close()
        if not read.done():
            read.set_result(got)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    behind = server.sockets[0].getsockname()[1]
    port = await player.listen("127.0.0.1", 0, None, behind)
    async with asyncio.timeout(_WAIT_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        answer = await reader.read()
        writer.close()
        got = await read
    await player.stop()
    server.close()
    return got, answer


def test_everything_passes_both_ways() -> None:
    request = REQUEST.replace(b"47", b"%d" % len(REQUEST.partition(b"\r\n\r\n")[2]))
    assert asyncio.run(through(Player(), request)) == (request, b"HTTP/1.1 200 OK\r\n\r\n")


def test_what_is_played_is_altered_on_the_way() -> None:
    player = Player()
    player.play(Mutation.read("member FPort 0"))
    request = REQUEST.replace(b"47", b"%d" % len(REQUEST.partition(b"\r\n\r\n")[2]))

    got, _ = asyncio.run(through(player, request))

    assert b'"FPort":0' in got
    played = player.play(None)
    assert played is not None
    assert played.changed == 1


async def to_nobody() -> bytes:
    """What a client is answered where nobody listens behind."""
    player = Player()
    port = await player.listen("127.0.0.1", 0, None, 1)
    answer = b""
    async with asyncio.timeout(_WAIT_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.suppress(ConnectionError):
            answer = await reader.read()
        writer.close()
    await player.stop()
    return answer


def test_where_nobody_is_behind_the_connection_ends() -> None:
    assert asyncio.run(to_nobody()) == b""
