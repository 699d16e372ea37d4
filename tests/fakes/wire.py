"""A raw HTTP client and a rim to aim it at: bytes go out and come in, and nothing is repaired on the way."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, cast

import uvloop

from uplab.fakes.behaviour import Behaviour
from uplab.fakes.faults import Action, Always, Fault
from uplab.fakes.journal import Emit, Journal
from uplab.fakes.messages import Request, text_answer
from uplab.fakes.web import Handle, WebRim

DEADLINE_S = 5.0
LOOPS: list[Callable[[], asyncio.AbstractEventLoop]] = [asyncio.new_event_loop, uvloop.new_event_loop]


def on_loop(loop_factory: Callable[[], asyncio.AbstractEventLoop], scenario: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine on a loop of that kind."""
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(scenario)


def echo(request: Request) -> Any:
    """Answer with the body that came."""
    return text_answer(200, f"{request.method} {request.body.decode()}\n")


def always(action: Action) -> Behaviour:
    """A behaviour with one fault, at each occasion."""
    return Behaviour([Fault("f1", Always(), action)])


@dataclass
class Reply:
    """One answer: its status line, its headers by lower-case name, its body."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def status(self) -> int:
        return int(self.line.split()[1])


@dataclass
class Wire:
    """One TCP connection, read with a deadline."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def transport(self) -> asyncio.Transport:
        return cast("asyncio.Transport", self.writer.transport)  # StreamWriter promises only the writing half

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def post(self, body: bytes, url: str = "/bin", head: bytes = b"") -> None:
        request = b"POST %b HTTP/1.1\r\nHost: posthere.io\r\n%bContent-Length: %d\r\n\r\n%b"
        await self.send(request % (url.encode(), head, len(body), body))

    async def reply(self, *, bodiless: bool = False) -> Reply:
        async with asyncio.timeout(DEADLINE_S):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            line, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
            headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in lines)}
            length = 0 if bodiless else int(headers.get("content-length", 0))
            return Reply(line, headers, await self.reader.readexactly(length))

    async def rest(self) -> bytes:
        async with asyncio.timeout(DEADLINE_S):
            return await self.reader.read()

    def close(self) -> None:
        self.writer.close()


@dataclass
class Site:
    """A rim that listens, its port, and what it reported."""

    rim: WebRim
    port: int
    journal: Journal

    @contextlib.asynccontextmanager
    async def wire(self, *, tls: ssl.SSLContext | None = None, host: str | None = None) -> AsyncIterator[Wire]:
        async with connected(self.port, tls=tls, host=host) as wire:
            yield wire

    async def heard(self, hop: str, count: int = 1) -> list[dict[str, Any]]:
        return await asyncio.to_thread(self.journal.wait_for, hop, count, timeout_s=DEADLINE_S)


@contextlib.asynccontextmanager
async def connected(port: int, *, tls: ssl.SSLContext | None = None, host: str | None = None) -> AsyncIterator[Wire]:
    """A raw connection to a port of this machine."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls, server_hostname=host)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(OSError):  # it was reset, which is what some tests are about
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def listening(
    handle: Handle = echo, behaviour: Behaviour | None = None, *, emit: Emit | None = None, **more: Any
) -> AsyncIterator[Site]:
    """A rim on a port of its own, stopped whatever happens; with `emit` nothing gets into the journal."""
    journal = Journal()
    rim = WebRim(handle, name="stub", emit=emit or journal, behaviour=behaviour, **more)
    port = await rim.listen()
    try:
        yield Site(rim, port, journal)
    finally:
        await rim.stop()
