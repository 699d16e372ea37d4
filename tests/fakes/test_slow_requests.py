"""Who begins a request and does not end it is put out, and it is told."""

import asyncio
from typing import Any

import pytest

from uplab.fakes import exchange, web
from uplab.fakes.posthere.server import PosthereServer

BODY = b"POST /bin HTTP/1.1\r\nHost: posthere.io\r\nContent-Length: 9\r\n\r\n"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "HEAD_S", 0.3)
    monkeypatch.setattr(exchange, "BODY_S", 0.3)


@pytest.mark.parametrize(
    ("half", "said"), [(b"P", b""), (BODY[:-2], b""), (BODY, b"HTTP/1.1 408"), (BODY + b"12345678", b"HTTP/1.1 408")]
)
def test_half_a_request_is_put_out(half: bytes, said: bytes) -> None:
    hops: list[tuple[str, dict[str, Any]]] = []

    async def run() -> bytes:
        fake = PosthereServer(emit=lambda hop, facts: hops.append((hop, facts)))
        reader, writer = await asyncio.open_connection("127.0.0.1", await fake.listen())
        try:
            writer.write(half)
            async with asyncio.timeout(10):
                return await reader.read()
        finally:
            writer.close()
            await fake.stop()

    assert asyncio.run(run()).startswith(said)
    arrived = [facts["complete"] for hop, facts in hops if hop == "destination.arrived"]
    assert arrived == ([False] if said else [])


def test_idle_connection_stays() -> None:
    async def run() -> bytes:
        fake = PosthereServer()
        reader, writer = await asyncio.open_connection("127.0.0.1", await fake.listen())
        try:
            said = b""
            for _ in range(2):
                writer.write(BODY + b"123456789")
                said += await reader.readuntil(b"\r\n\r\n")
                await asyncio.sleep(0.5)
            return said
        finally:
            writer.close()
            await fake.stop()

    assert asyncio.run(run()).count(b"HTTP/1.1 200") == 2
