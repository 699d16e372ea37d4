"""The lab's own HTTP proxy: it leads the documents' names to the fakes, for a forwarder that knows HTTP_PROXY.

A tunnel (CONNECT) is carried byte for byte, so that TLS is between the forwarder and the fake. A request in absolute
form is passed on in origin form, one for each connection (RFC 9112, sections 3.2.1 and 3.2.2); what is hop by hop in it
is the proxy's own (RFC 9110, section 7.6.1), all else stays as it came.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

__all__ = ["Proxy", "proxy_environment", "target_of"]

_MOST_HEAD_BYTES = 65_536
_CHUNK_BYTES = 65_536
_HEAD_S = 20.0  # from the connection to the end of the request's head
_CONNECT_S = 10.0
_HOP_BY_HOP = re.compile(rb"(?im)^(?:proxy-[^:\r\n]*|connection|keep-alive):[^\r\n]*\r\n")


def proxy_environment(address: str, network_url: str) -> dict[str, str]:
    """What programs read to find a proxy, in both spellings; loopback and the network server need none."""
    here = ("localhost", "127.0.0.1", "::1", urlsplit(network_url).hostname or "")
    found = {"HTTP_PROXY": f"http://{address}", "HTTPS_PROXY": f"http://{address}"}
    found["NO_PROXY"] = ",".join(dict.fromkeys(host for host in here if host))
    return found | {name.lower(): value for name, value in found.items()}


def target_of(head: bytes) -> tuple[str, bytes] | None:
    """Where a request's head leads, as host:port, and what goes on there (nothing of CONNECT); None for no such head.

    A head in origin form is none: it was meant for a server, and this is a proxy.
    """
    line, _, fields = head.partition(b"\r\n")
    parts = line.split(b" ")
    if len(parts) != 3 or not parts[2].startswith(b"HTTP/1."):
        return None
    method, target, version = parts
    try:
        if method == b"CONNECT":
            host, _, port = target.decode("ascii").rpartition(":")
            return (f"{host.lower()}:{int(port)}", b"") if host else None
        url = urlsplit(target.decode("ascii"))
        if url.scheme != "http" or not url.hostname:
            return None
        where = f"{url.hostname}:{url.port or 80}"
    except ValueError:  # no ASCII, or no port
        return None
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    kept = _HOP_BY_HOP.sub(b"", fields)
    return where, b" ".join((method, path.encode(), version)) + b"\r\nConnection: close\r\n" + kept


class Proxy:
    """Listens until it is stopped. `resolve` says where a name leads, and is looked at anew for each request."""

    def __init__(self, resolve: Mapping[str, str]) -> None:
        self._resolve = resolve
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int = 0) -> int:
        """Returns the port on which it listens; OSError where it cannot."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=_MOST_HEAD_BYTES)
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def stop(self) -> None:
        """Closes every connection."""
        if self._server is None:
            return
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            async with asyncio.timeout(_HEAD_S):
                head = await reader.readuntil(b"\r\n\r\n")
            await self._pass_on(head, reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass  # whoever asked for nothing whole gets nothing
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _pass_on(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = target_of(head)
        if target is None:
            return _refuse(
                writer, "400 Bad Request", "this is a proxy: it takes CONNECT, and requests in absolute form"
            )
        where, onward = target
        address = self._resolve.get(where)
        if address is None:
            return _refuse(writer, "502 Bad Gateway", f"{where} is no name of this lab")
        host, _, port = address.rpartition(":")
        try:
            async with asyncio.timeout(_CONNECT_S):
                there_reader, there = await asyncio.open_connection(host, int(port))
        except OSError:  # a timeout is one, too
            return _refuse(writer, "502 Bad Gateway", f"{where} refuses connections")
        if onward:
            there.write(onward)
        else:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            await _carry_both(reader, writer, there_reader, there)
        finally:
            there.close()
        return None


def _refuse(writer: asyncio.StreamWriter, status: str, why: str) -> None:
    body = why.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + body)


async def _carry_both(
    here: asyncio.StreamReader,
    to_here: asyncio.StreamWriter,
    there: asyncio.StreamReader,
    to_there: asyncio.StreamWriter,
) -> None:
    """Carries until the fake has ended, or the client has gone; an end of one direction is told to the other side."""
    out = asyncio.ensure_future(_carry(here, to_there))
    back = asyncio.ensure_future(_carry(there, to_here))
    try:
        await asyncio.wait({out, back}, return_when=asyncio.FIRST_EXCEPTION)
        if any(one.done() and one.exception() is not None for one in (out, back)):
            for writer in (to_here, to_there):  # what broke off on one side breaks off on the other
                writer.transport.abort()
    finally:
        for one in (out, back):
            one.cancel()
        await asyncio.gather(out, back, return_exceptions=True)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(_CHUNK_BYTES):
        writer.write(chunk)
        await writer.drain()
    with contextlib.suppress(OSError):
        if writer.can_write_eof():
            writer.write_eof()
