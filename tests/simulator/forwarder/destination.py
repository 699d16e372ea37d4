"""A destination that a test scripts: it records what arrives over plain sockets and answers as told, also badly."""

import asyncio
import json
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

__all__ = ["HANG", "RESET", "Arrival", "Destination", "Drip", "Endless", "answer"]


def answer(status: int, body: bytes = b"", *, headers: str = "", length: int | None = None) -> bytes:
    """The bytes of an answer; `length` other than the body's makes it lie."""
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status} X\r\nContent-Length: {size}\r\n{headers}\r\n".encode() + body


@dataclass(frozen=True, slots=True)
class Drip:
    """An answer that comes one byte at each interval, without end."""

    interval_s: float


@dataclass(frozen=True, slots=True)
class Endless:
    """An answer that begins so, and then has the same piece as fast as it is taken, without end."""

    head: bytes
    piece: bytes


HANG = "hang"
RESET = "reset"
OK = answer(200)
Answer = bytes | str | Drip | Endless


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        """The body as JSON."""
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed

    @property
    def uplink(self) -> dict[str, Any]:
        """The content of its DevEUI_uplink."""
        content: dict[str, Any] = self.document["DevEUI_uplink"]
        return content

    def header(self, name: str) -> str | None:
        """The value of a header that comes once."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(values) < 2
        return values[0] if values else None


class Destination:
    """Listens on a free port in a thread of its own; `answers` may be replaced at any time."""

    def __init__(self, answers: Callable[[Arrival], Answer] = lambda _: OK, tls: ssl.SSLContext | None = None) -> None:
        self.answers = answers
        self.arrivals: list[Arrival] = []
        self.connections = 0
        self.port = 0
        self._tls = tls
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="destination", daemon=True)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(self.port), self._loop).result(5)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    @property
    def url(self) -> str:
        """Its address."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}/in"

    def go(self) -> None:
        """Stop listening and cut every connection, but keep the port for `come_back`."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(5)

    def come_back(self) -> None:
        """Listen again on the same port."""
        asyncio.run_coroutine_threadsafe(self._listen(self.port), self._loop).result(5)

    def wait_for(self, count: int, timeout_s: float = 10.0) -> list[Arrival]:
        """Wait until so many requests have arrived, and give all."""
        with self._changed:
            arrived = self._changed.wait_for(lambda: len(self.arrivals) >= count, timeout_s)
            assert arrived, f"expected {count} requests within {timeout_s} s, got {len(self.arrivals)}: {self.arrivals}"
            return list(self.arrivals)

    async def _listen(self, port: int) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            while await self._exchange(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ")
        headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in head[1:] if line)]
        size = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
        arrival = Arrival(method, target, headers, await reader.readexactly(size))
        with self._changed:
            self.arrivals.append(arrival)
            self._changed.notify_all()
        given = self.answers(arrival)
        if given == RESET:
            return False
        if given == HANG:
            await asyncio.get_running_loop().create_future()
        if isinstance(given, Drip):
            await self._drip(writer, given)
        if isinstance(given, Endless):
            writer.write(given.head)
            while True:
                writer.write(given.piece)
                await writer.drain()
        assert isinstance(given, bytes)
        writer.write(given)
        await writer.drain()
        return b"Connection: close" not in given and not _lies(given)

    async def _drip(self, writer: asyncio.StreamWriter, drip: Drip) -> None:
        writer.write(b"HTTP/1.1 200 X\r\nContent-Length: 1000000\r\n\r\n")
        tick = asyncio.Event()
        while True:
            writer.write(b"x")
            await writer.drain()
            asyncio.get_running_loop().call_later(drip.interval_s, tick.set)
            await tick.wait()
            tick.clear()


def _lies(given: bytes) -> bool:
    """Whether an answer is shorter than it says, so that the connection has to end."""
    head, _, body = given.partition(b"\r\n\r\n")
    size = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length")), 0)
    return size != len(body)
