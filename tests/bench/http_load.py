"""A load for HTTP destinations, in a process of its own: kept connections, requests made beforehand, as wrk does it."""

import asyncio
from collections.abc import Iterator
from itertools import cycle
from time import monotonic
from typing import NamedTuple

from tests.bench.uplinks import Uplinks

__all__ = ["HttpLoad", "Load"]

_CONNECTIONS = 64


class Load(NamedTuple):
    """What one order came to."""

    wanted: int
    answered: int
    failed: int  # another status than 2xx
    elapsed_s: float

    def problems(self, name: str) -> list[str]:
        """What is wrong with it, in words; less than was wanted, because the time was over, is not."""
        refused = [f"{name}: {self.failed} of {self.wanted} were not answered with success"] if self.failed else []
        return refused if self.answered else [*refused, f"{name} answered nothing"]

    def per_s(self, seconds: float) -> float:
        """What was answered, for each second of whatever kind."""
        return self.answered / seconds if seconds else 0.0


class HttpLoad:
    """Sends POSTs with documents as bodies; the next one on a connection follows the answer to the last."""

    def __init__(self) -> None:
        self._bodies = [signed.body for signed in Uplinks(200).signed(400)]

    async def post(self, port: int, count: int, limit_s: float) -> Load:
        """Post so many, or as many as the time allows."""
        loop = asyncio.get_running_loop()
        requests = _requests(self._bodies, count)
        lanes = [_Lane(loop, port, requests) for _ in range(_CONNECTIONS)]
        began_s = monotonic()
        try:
            async with asyncio.timeout(limit_s):
                await asyncio.gather(*(lane.run() for lane in lanes))
        except TimeoutError:
            pass  # what was answered by then counts
        elapsed_s = monotonic() - began_s
        for lane in lanes:
            lane.close()
        return Load(count, sum(lane.answered for lane in lanes), sum(lane.failed for lane in lanes), elapsed_s)

    async def stop(self) -> None:
        """Nothing is kept open between orders."""


def _requests(bodies: list[bytes], count: int) -> Iterator[bytes]:
    head = b"POST /bench HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
    made = [head % (len(body), body) for body in bodies]
    return (request for request, _ in zip(cycle(made), range(count), strict=False))


class _Lane(asyncio.Protocol):
    """One connection; where the server closes it after each answer, one after the other."""

    def __init__(self, loop: asyncio.AbstractEventLoop, port: int, requests: Iterator[bytes]) -> None:
        self._loop, self._port, self._requests = loop, port, requests
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._ended: asyncio.Future[None] = loop.create_future()
        self._waiting = False
        self.answered = self.failed = 0

    async def run(self) -> None:
        """Send until nothing is left."""
        for request in self._requests:
            if self._transport is None:
                await self._loop.create_connection(lambda: self, "127.0.0.1", self._port)
            assert self._transport is not None
            self._ended = self._loop.create_future()
            self._waiting = True
            self._transport.write(request)
            await self._ended

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a client's is always a write transport

    def data_received(self, data: bytes) -> None:
        self._received = self._received + data if self._received else data
        if self._whole():
            self._end()

    def connection_lost(self, _exc: Exception | None) -> None:
        self._transport = None
        self._end()

    def _whole(self) -> bool:
        head, blank, body = self._received.partition(b"\r\n\r\n")
        if not blank:
            return False
        fields = head.lower()
        if b"content-length:" in fields:
            return len(body) >= int(fields.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        return b"transfer-encoding: chunked" in fields and body.endswith(b"0\r\n\r\n")

    def _end(self) -> None:
        if not self._waiting:
            return
        self._waiting = False
        if self._received.startswith((b"HTTP/1.1 2", b"HTTP/1.0 2")):
            self.answered += 1
        else:
            self.failed += 1
        if self._transport is not None and b"\r\nconnection: close" in self._received[:1000].lower():
            self._transport.abort()
            self._transport = None
        self._received = b""
        if not self._ended.done():
            self._ended.set_result(None)
