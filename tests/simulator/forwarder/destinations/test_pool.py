"""The pool of sockets against a server that speaks unasked."""

import asyncio

import aiohttp

from uplab.simulator.forwarder.destinations.pool import Pool

OK = b"HTTP/1.1 200 X\r\nContent-Length: 0\r\n\r\n"
REFUSED = b"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n"


async def statuses(*, unasked: bytes) -> tuple[list[int], int]:
    """Post twice to a server that says something between, and give what was answered and how often it was asked."""
    asked = 0
    idle, spoken = asyncio.Event(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                asked += 1
                writer.write(OK if asked == 1 else REFUSED)
                await writer.drain()
                if asked == 1:
                    await idle.wait()
                    writer.write(unasked)
                    await writer.drain()
                    spoken.set()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    pool = Pool()
    async with server, aiohttp.ClientSession(connector=pool) as session:
        async with session.post(url) as first:
            pass
        idle.set()
        await spoken.wait()
        (kept,) = (protocol for waiting in pool._conns.values() for protocol, _ in waiting)
        async with asyncio.timeout(5):
            while unasked and not kept.should_close:  # until the bytes have come through loopback
                await asyncio.get_running_loop().run_in_executor(None, lambda: None)
        async with session.post(url) as second:
            pass
    return [first.status, second.status], asked


def test_answer_that_nobody_asked_for_answers_no_request() -> None:
    assert asyncio.run(statuses(unasked=OK)) == ([200, 503], 2)


def test_quiet_connection_is_kept() -> None:
    assert asyncio.run(statuses(unasked=b"")) == ([200, 503], 2)
