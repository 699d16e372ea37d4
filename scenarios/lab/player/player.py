"""The player: it stands between a forwarder and the destinations of a lab, and plays bugs that nobody has written.

The lab's names lead to it (`uplab run --player`); it hands everything on to the fake behind, byte for byte, but for
what the mutation that is played alters. So a lab that runs sees one forwarder after another, each with another bug.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable

from uplab.scenarios.lab.player.bug import Bug, Kind
from uplab.scenarios.lab.player.mutation import Mutation, Played
from uplab.scenarios.lab.player.posted import Posted
from uplab.scenarios.lab.player.published import Published

__all__ = ["Player"]

_CHUNK = 65_536  # bytes that are read at once
_MQTT_CONNECT = 0x10  # an MQTT connection begins so, and no request of HTTP does


class Player:
    """Plays one mutation at a time, on all that passes; without one everything passes as it came."""

    def __init__(self) -> None:
        self.played: Played | Bug | None = None
        self._asides: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []
        self._open: set[asyncio.StreamWriter] = set()

    def play(self, what: Mutation | Kind | None) -> Played | Bug | None:
        """From now on this is played, and nothing else; what was played before is given back."""
        played = Bug(what) if isinstance(what, Kind) else Played(what) if what is not None else None
        before, self.played = self.played, played
        return before

    async def listen(self, host: str, port: int, tls: ssl.SSLContext | None, behind: int) -> int:
        """Takes connections for the fake that listens without TLS on port `behind` of loopback; the port that it got.

        OSError when there is none to be had.
        """

        async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._meet(reader, writer, behind)

        server = await asyncio.start_server(meet, host, port, ssl=tls, limit=_CHUNK)
        self._servers.append(server)
        found: int = server.sockets[0].getsockname()[1]
        return found

    async def stop(self) -> None:
        """Closes all that is open."""
        for server in self._servers:
            server.close()
        for writer in list(self._open):
            writer.transport.abort()
        self._servers.clear()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, behind: int) -> None:
        try:
            inner_reader, inner = await asyncio.open_connection("127.0.0.1", behind, limit=_CHUNK)
        except OSError:
            writer.transport.abort()
            return
        pair = {writer, inner}
        self._open |= pair
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._up(reader, inner, writer, behind))
                both.create_task(_pump(inner_reader, writer, lambda data: data))
        finally:
            self._open -= pair
            for one in pair:
                one.close()

    async def _up(
        self, reader: asyncio.StreamReader, inner: asyncio.StreamWriter, back: asyncio.StreamWriter, behind: int
    ) -> None:
        """What the forwarder sends: by its first byte it is MQTT or HTTP. `back` leads to it."""
        with contextlib.suppress(OSError):
            first = await reader.read(_CHUNK)
            if first:
                feed = self._feed(first[0] == _MQTT_CONNECT, inner, back, behind)
                inner.write(feed(first))
                await _pump(reader, inner, feed)
                return
        inner.close()

    def _feed(
        self, mqtt: bool, inner: asyncio.StreamWriter, back: asyncio.StreamWriter, behind: int
    ) -> Callable[[bytes], bytes]:
        if mqtt:
            return Published(lambda: self.played, answer=back.write).feed
        loop = asyncio.get_running_loop()

        def aside(request: bytes) -> None:
            task = loop.create_task(_ask(behind, request))
            self._asides.add(task)
            task.add_done_callback(self._asides.discard)

        def later(after_s: float, request: bytes) -> None:
            loop.call_later(after_s, inner.write, request)

        return Posted(lambda: self.played, answer=back.write, aside=aside, later=later).feed


async def _ask(behind: int, request: bytes) -> None:
    """One request over a connection of its own; nobody waits for its answer but this."""
    with contextlib.suppress(OSError):
        reader, writer = await asyncio.open_connection("127.0.0.1", behind)
        writer.write(request)
        await reader.read(_CHUNK)
        writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, feed: Callable[[bytes], bytes]) -> None:
    """Hands on what comes to its end; whoever broke off is broken off on the other side as well."""
    try:
        while data := await reader.read(_CHUNK):
            if on := feed(data):
                writer.write(on)
                await writer.drain()
    except OSError:
        writer.transport.abort()
    else:
        writer.close()
