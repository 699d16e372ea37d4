"""The forms of an answer on the wire."""

import asyncio
from collections.abc import AsyncGenerator

import aiohttp
import pytest
from aiohttp import web

from tests.fakes.wire import always, listening
from uplab.fakes.faults import HalfAnswer
from uplab.fakes.messages import Answer, Request, Stream, WebSocket, text_answer


@pytest.mark.parametrize("status", [204, 304])
def test_answer_without_a_body_has_neither_body_nor_length(status: int) -> None:
    async def scenario() -> None:
        async with listening(lambda _: Answer(status, b"ignored")) as site, site.wire() as wire:
            await wire.post(b"a")
            reply = await wire.reply()
            assert (reply.status, "content-length" in reply.headers) == (status, False)
            await wire.post(b"b")  # a stray byte of a body would be in the way of the next answer
            assert (await wire.reply()).status == status

    asyncio.run(scenario())


def test_head_request_gets_the_length_and_no_body() -> None:
    async def scenario() -> None:
        async with listening(lambda _: text_answer(200, "12345")) as site, site.wire() as wire:
            for _ in range(2):
                await wire.send(b"HEAD /bin HTTP/1.1\r\nHost: h\r\n\r\n")
                reply = await wire.reply(bodiless=True)
                assert (reply.status, reply.headers["content-length"]) == (200, "5")

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("version", "asked", "answered", "stays"),
    [
        ("1.1", "", None, True),
        ("1.1", "Connection: close\r\n", "close", False),
        ("1.0", "", "close", False),
        ("1.0", "Connection: keep-alive\r\n", "keep-alive", True),
    ],
)
def test_connection_stays_or_ends_as_the_client_asked(
    version: str, asked: str, answered: str | None, stays: bool
) -> None:
    async def scenario() -> None:
        async with listening(lambda _: text_answer(200, "ok")) as site, site.wire() as wire:
            request = f"POST /bin HTTP/{version}\r\nHost: h\r\n{asked}Content-Length: 0\r\n\r\n".encode()
            await wire.send(request)
            reply = await wire.reply()
            assert reply.headers.get("connection") == answered
            if stays:
                await wire.send(request)
                assert (await wire.reply()).status == 200
            else:
                assert await wire.rest() == b""

    asyncio.run(scenario())


def test_every_answer_is_dated() -> None:
    async def scenario() -> None:
        async with listening() as site, site.wire() as wire:
            await wire.post(b"a")
            assert (await wire.reply()).headers["date"].endswith(" GMT")

    asyncio.run(scenario())


async def three() -> AsyncGenerator[bytes, None]:
    for chunk in (b"one", b"", b"three"):
        yield chunk


@pytest.mark.parametrize(
    ("version", "expected"), [("1.1", b"3\r\none\r\n5\r\nthree\r\n0\r\n\r\n"), ("1.0", b"onethree")]
)
def test_stream_is_chunked_where_chunks_are_known(version: str, expected: bytes) -> None:
    async def scenario() -> None:
        async with listening(lambda _: Stream(three())) as site, site.wire() as wire:
            await wire.send(f"GET / HTTP/{version}\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
            _, _, body = (await wire.rest()).partition(b"\r\n\r\n")
            assert body == expected
            assert (await site.heard("destination.answered"))[0]["written"] is True

    asyncio.run(scenario())


def test_stream_ends_with_its_client_and_is_closed() -> None:
    ended = asyncio.Event()

    async def endless() -> AsyncGenerator[bytes, None]:
        try:
            yield b"begun"
            await asyncio.get_running_loop().create_future()
        finally:
            ended.set()

    async def scenario() -> None:
        async with listening(lambda _: Stream(endless())) as site:
            async with site.wire() as wire:
                await wire.send(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                await wire.reader.readuntil(b"begun")
            async with asyncio.timeout(5):
                await ended.wait()
            (answered,) = await site.heard("destination.answered")
            assert (answered["status"], answered["written"]) == (200, False)

    asyncio.run(scenario())


def test_fault_that_needs_a_whole_answer_is_not_delivered_to_a_stream() -> None:
    async def scenario() -> None:
        async with listening(lambda _: Stream(three()), always(HalfAnswer())) as site, site.wire() as wire:
            await wire.post(b"a")
            await wire.reader.readuntil(b"0\r\n\r\n")
            await site.heard("destination.answered")
            assert site.journal.facts("fault.delivered") == []

    asyncio.run(scenario())


def test_websocket_is_served_by_a_client_that_is_not_ours() -> None:
    async def shout(websocket: web.WebSocketResponse) -> None:
        async for message in websocket:
            await websocket.send_str(message.data.upper())

    async def scenario() -> None:
        async with (
            listening(lambda _: WebSocket(shout)) as site,
            aiohttp.ClientSession() as session,
            session.ws_connect(f"http://127.0.0.1:{site.port}/api/ws") as websocket,
        ):
            await websocket.send_str("hello")
            assert await websocket.receive_str(timeout=5) == "HELLO"
            (answered,) = await site.heard("destination.answered")
            assert (answered["status"], answered["written"]) == (101, True)

    asyncio.run(scenario())


def test_websocket_answer_to_a_plain_request_is_a_refusal() -> None:
    async def scenario() -> None:
        async def never(_: web.WebSocketResponse) -> None:
            raise AssertionError("there was no handshake")

        async with listening(lambda _: WebSocket(never)) as site, site.wire() as wire:
            await wire.send(b"GET /api/ws HTTP/1.1\r\nHost: h\r\n\r\n")
            assert (await wire.reply()).status == 400
            (answered,) = await site.heard("destination.answered")
            assert (answered["status"], answered["written"]) == (400, True)

    asyncio.run(scenario())


def test_header_with_a_line_break_never_reaches_the_wire(caplog: pytest.LogCaptureFixture) -> None:
    def handle(request: Request) -> Answer:
        return Answer(200, b"", (("X-Echo", request.body.decode()),))

    async def scenario() -> None:
        async with listening(handle) as site, site.wire() as wire:
            await wire.post(b"a\r\nSet-Cookie: b")
            assert b"Set-Cookie" not in await wire.rest()

    asyncio.run(scenario())
    assert "a header holds a line break" in caplog.text
