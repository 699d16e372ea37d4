"""The same answer in every number of segments, without sockets: where it is cut changes nothing of what it means."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any
from unittest.mock import Mock

import pytest

from uplab.simulator.forwarder.destinations.segments import Segments, ends_of_heads

CHUNKED = b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n"
NOTHING = b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n"

# By its name: what the destination says, and the status that it has said; None where it has said none.
ANSWERS: dict[str, tuple[bytes, int | None]] = {
    "with a length": (b"HTTP/1.1 200 X\r\nContent-Length: 5\r\n\r\nhello", 200),
    "without a body": (b"HTTP/1.1 204 X\r\n\r\n", 204),
    "until it closes": (b"HTTP/1.0 200 X\r\nServer: a\r\n\r\nbye\r\n\r\nbye", 200),
    "in chunks": (CHUNKED + b"5\r\nhello\r\n0\r\nX-A: b\r\n\r\n", 200),
    "shorter than its length": (b"HTTP/1.1 200 X\r\nContent-Length: 50\r\n\r\nhello", 200),
    "chunks without an end": (CHUNKED + b"5\r\nhello\r\n", 200),
    "a chunk without a size": (CHUNKED + b"5\r\nhello\r\nzz\r\nhello\r\n0\r\n\r\n", 200),
    "no chunk at all": (CHUNKED + b'{"ok": true}', 200),
    "a chunk below nothing": (CHUNKED + b"-1\r\n\r\n", 200),
    "a chunk beyond everything": (CHUNKED + b"ffffffffffffffffff\r\nx", 200),
    "a chunk longer than it says": (CHUNKED + b"2\r\nhello\r\n0\r\n\r\n", 200),
    "a trailer that is none": (CHUNKED + b"0\r\nX A b\r\n\r\n", 200),
    "a refusal whose body is wrong": (CHUNKED.replace(b"200", b"503") + b"zz\r\n", 503),
    "a body with a lone line feed": (b"HTTP/1.1 200 X\nTransfer-Encoding: chunked\n\nzz\n", 200),
    "informational ones before it": (
        b"HTTP/1.1 100 X\r\n\r\nHTTP/1.1 103 X\r\nLink: a\r\n\r\n" + CHUNKED + b"zz\r\n",
        200,
    ),
    "nothing but informational ones": (b"HTTP/1.1 100 X\r\n\r\nHTTP/1.1 103 X\r\n\r\n", None),
    "another one behind it": (NOTHING % 200 + NOTHING % 503, 200),
    "a half one behind it": (NOTHING % 200 + b"HTTP/1.1 50", 200),
    "rubbish behind it": (NOTHING % 200 + b"\x00\x01 rubbish\r\n\r\n", 200),
    "a protocol changed": (b"HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n\x00\n\n\x01", 101),
    "no HTTP": (b"220 ready\r\n\r\n" + NOTHING % 200, None),
    "a head without an end": (b"HTTP/1.1 200 X\r\nContent-Length: 0\r\n", None),
    "a header without a name": (b"HTTP/1.1 200 X\r\n: a\r\n\r\nhello", None),
    "two lengths": (b"HTTP/1.1 200 X\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nhello", None),
}


async def heard(pieces: Sequence[bytes]) -> int | None:
    """The status that a conversation of these pieces comes to; its body ends, in whatever way."""
    wire, transport = Segments(asyncio.get_running_loop()), Mock(asyncio.Transport)
    wire.connection_made(transport)
    wire.set_response_params(read_until_eof=True, auto_decompress=False)
    for piece in pieces:
        if not transport.close.called:
            wire.data_received(piece)
    wire.connection_lost(None)
    try:
        message, payload = await wire.read()
        while message.code < 200 and message.code != 101:
            message, payload = await wire.read()
    except Exception:  # noqa: BLE001 - aiohttp has several kinds for what is no answer
        return None
    if message.code != 101:
        await asyncio.wait_for(asyncio.gather(payload.read(), return_exceptions=True), 5)
    return int(message.code)


def cuts(answer: bytes) -> Iterator[list[bytes]]:
    """The answer in one piece, in two at every place, in three around every line's end, and byte by byte."""
    yield [answer]
    for at in range(1, len(answer)):
        yield [answer[:at], answer[at:]]
        if answer[at - 1 : at] == b"\n":
            yield [answer[: at - 1], answer[at - 1 : at], answer[at:]]
    yield [answer[at : at + 1] for at in range(len(answer))]


@pytest.mark.parametrize(("answer", "status"), ANSWERS.values(), ids=ANSWERS)
def test_answer_means_the_same_wherever_it_is_cut(answer: bytes, status: int | None) -> None:
    async def all_cuts() -> dict[tuple[int, ...], int | None]:
        return {tuple(map(len, pieces)): await heard(pieces) for pieces in cuts(answer)}

    others = {lengths: got for lengths, got in asyncio.run(all_cuts()).items() if got != status}
    assert not others, f"in pieces of {next(iter(others))} bytes it means something else than {status}"


async def turn() -> None:
    """Lets the loop do what is ready."""
    done = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(done.set_result, None)
    await done


def test_body_that_goes_wrong_is_over_at_once() -> None:
    async def read() -> Any:
        wire = Segments(asyncio.get_running_loop())
        wire.connection_made(Mock(asyncio.Transport))
        wire.set_response_params(auto_decompress=False)
        wire.data_received(CHUNKED)
        _, payload = await wire.read()
        reading = asyncio.ensure_future(payload.read())
        await turn()
        wire.data_received(b"zz\r\n")
        await asyncio.wait([reading], timeout=5)
        return reading.exception()

    assert "broken off" in str(asyncio.run(read()))


def test_next_answer_is_read_from_its_beginning() -> None:
    async def both() -> list[int]:
        wire = Segments(asyncio.get_running_loop())
        wire.connection_made(Mock(asyncio.Transport))
        found = []
        for answer in (NOTHING % 200, CHUNKED.replace(b"200", b"201") + b"zz\r\n"):
            wire.set_response_params(auto_decompress=False)
            wire.data_received(answer)
            message, _ = await wire.read()
            found.append(message.code)
        return found

    assert asyncio.run(both()) == [200, 201]


@pytest.mark.parametrize(
    ("before", "data", "ends"),
    [
        (b"", b"a\r\n\r\nb", [5]),
        (b"", b"a\n\nb\n\nc", [3, 6]),
        (b"a\r\n", b"\r\nb", [2]),
        (b"a\r\n\r", b"\nb", [1]),
        (b"a\n", b"\nb", [1]),
        (b"a\r\n\r\n", b"b", []),
        (b"", b"a\r\nb", []),
        (b"x" * 100_000, b"", []),
    ],
)
def test_heads_end_behind_an_empty_line(before: bytes, data: bytes, ends: list[int]) -> None:
    assert list(ends_of_heads(before, data)) == ends
