import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvicorn

from uplab.simulator.forwarder import patience
from uplab.simulator.forwarder.patience import PatientProtocol

Ask = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bytes]]
WHOLE = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab"


async def slow_app(scope: Any, receive: Any, send: Any) -> None:
    """Takes longer for its answer than a request may."""
    while (message := await receive()).get("more_body"):
        pass
    if message["type"] == "http.disconnect":
        return
    if scope["path"] == "/":
        await asyncio.sleep(0.6)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "REQUEST_S", 0.3)


def ask(conversation: Ask) -> bytes:
    """What the server said until it closed, or until the conversation has ended."""

    async def run() -> bytes:
        config = uvicorn.Config(slow_app, http=PatientProtocol, port=0, lifespan="off", log_config=None, ws="none")
        config.load()
        server = uvicorn.Server(config)
        loop = asyncio.get_running_loop()

        def protocol() -> PatientProtocol:
            return PatientProtocol(config=config, server_state=server.server_state, app_state={})

        listening = await loop.create_server(protocol, "127.0.0.1", 0)
        try:
            reader, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
            async with asyncio.timeout(10):
                said = await conversation(reader, writer)
            writer.close()
            return said
        finally:
            listening.close()
            await asyncio.sleep(0)

    return asyncio.run(run())


@pytest.mark.parametrize("half", [b"", b"P", b"POST / HTTP/1.1\r\nHost: h\r\n", WHOLE[:-1]])
def test_half_a_request_is_put_out(half: bytes) -> None:
    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(half)
        return await reader.read()

    assert ask(conversation).startswith(b"HTTP/1.1 408 ")


def test_dripping_request_is_put_out() -> None:
    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        async def drip() -> None:
            for byte in WHOLE * 9:
                writer.write(bytes([byte]))
                await asyncio.sleep(0.05)

        dripping = asyncio.create_task(drip())
        said = await reader.read()
        dripping.cancel()
        return said

    assert ask(conversation).startswith(b"HTTP/1.1 408 ")


def test_slow_answer_is_waited_for_and_the_connection_stays() -> None:
    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        said = b""
        for request in (WHOLE, WHOLE.replace(b"POST /", b"POST /fast")):
            writer.write(request)
            said += await reader.readuntil(b"\r\n\r\n") + await reader.readexactly(2)
            await asyncio.sleep(0.4)  # idle between two requests is not what is meant
        return said

    assert ask(conversation).count(b"HTTP/1.1 200 OK") == 2
