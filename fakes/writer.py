"""Writing HTTP answers byte by byte, so that what was written is known exactly, and can be broken exactly."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import HttpVersion11, web

from uplab.fakes.messages import Answer, Stream, WebSocket, head_of, text_answer

__all__ = ["CLOSE", "GONE", "STAY", "Handled", "Writer"]

Handled = Answer | Stream | WebSocket

_ZEROS: Final = bytes(65_536)
_DRIP_S: Final = 0.1
_BODILESS: Final = frozenset({204, 304})


class _Written(web.StreamResponse):
    """Tells aiohttp that the answer is written already, and what becomes of the connection."""

    def __init__(self, *, stays: bool, lost: bool = False) -> None:
        super().__init__()
        self._stays = stays
        self._lost = lost

    @property
    def keep_alive(self) -> bool:
        return self._stays

    async def prepare(self, request: web.BaseRequest) -> None:  # noqa: ARG002
        if self._lost:
            raise ConnectionResetError

    async def write_eof(self, data: bytes = b"") -> None:
        """Do nothing: all is written."""


STAY: Final = _Written(stays=True)
CLOSE: Final = _Written(stays=False)
GONE: Final = _Written(stays=False, lost=True)


class Writer:
    """Writes the answer to one request; every method raises ConnectionError when the client is gone.

    `status` is the status of what was begun, `headed` whether the head of a broken answer was written whole, `stays`
    whether the connection may be used again.
    """

    __slots__ = ("_date", "_message", "body", "headed", "status", "stays")

    def __init__(self, message: web.BaseRequest, date: Callable[[], str]) -> None:
        self._message = message
        self._date = date
        self.stays = bool(message.keep_alive)
        self.status: int | None = None
        self.body = b""
        self.headed = False

    def put(self, answer: Answer) -> Awaitable[None]:
        """Write a whole answer."""
        self.status, self.body = answer.status, answer.body
        return self.write(self.bytes_of(answer))

    async def put_half(self, answer: Answer, count: int | None) -> bool:
        """Write the first bytes of an answer (None: half of them), to be followed by a close; whether it was whole."""
        self.status, self.body, self.stays = answer.status, answer.body, False
        data = self.bytes_of(answer)
        sent = data[: len(data) // 2 if count is None else count]
        await self.write(sent)
        self.headed = len(sent) >= _head_length(data)
        return len(sent) == len(data)

    async def put_drop_by_drop(self, answer: Answer, bytes_per_s: float) -> None:
        """Write a whole answer slowly."""
        self.status, self.body = answer.status, answer.body
        data = self.bytes_of(answer)
        step = max(1, int(bytes_per_s * _DRIP_S))
        for start in range(0, len(data), step):
            if start:
                await asyncio.sleep(step / bytes_per_s)
            await self.write(data[start : start + step])
            self.headed = start + step >= _head_length(data)

    async def put_dripping_body(self, answer: Answer, count: int, bytes_per_s: float) -> None:
        """Write status and headers of an answer at once, and `count` bytes of body slowly."""
        self.status = answer.status
        await self.write(self._head_of(answer, f"Content-Length: {count}\r\n"))
        self.headed = True
        step = max(1, int(bytes_per_s * _DRIP_S))
        for start in range(0, count, step):
            await asyncio.sleep(step / bytes_per_s)
            await self.write(_ZEROS[: min(step, count - start)])

    async def put_huge(self, answer: Answer, count: int) -> None:
        """Write status and headers of an answer and `count` bytes of body, without ever holding them."""
        self.status = answer.status
        await self.write(self._head_of(answer, f"Content-Length: {count}\r\n"))
        self.headed = True
        for start in range(0, count, len(_ZEROS)):
            await self.write(_ZEROS[: count - start])

    async def put_endless(self, answer: Answer, count: int) -> None:
        """Write status and headers of an answer, `count` bytes of body, and then a byte at a time, for ever."""
        self.status = answer.status
        await self.write(self._head_of(answer, "Transfer-Encoding: chunked\r\n"))
        self.headed = True
        for start in range(0, count, len(_ZEROS)):
            part = _ZEROS[: count - start]
            await self.write(b"%x\r\n%b\r\n" % (len(part), part))
        while True:
            await asyncio.sleep(_DRIP_S)
            await self.write(b"1\r\n0\r\n")

    async def put_stream(self, answer: Stream) -> None:
        """Write an answer while it is being made."""
        self.status = answer.status
        chunked = self._message.version >= HttpVersion11
        self.stays = self.stays and chunked
        async with contextlib.aclosing(answer.chunks) as chunks:
            await self.write(self._head_of(answer, "Transfer-Encoding: chunked\r\n" if chunked else ""))
            self.headed = True
            async for chunk in chunks:
                if chunk:
                    await self.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk)
        if chunked:
            await self.write(b"0\r\n\r\n")

    async def serve_websocket(self, answer: WebSocket, opened: Callable[[], None]) -> None:
        """Change protocols, say so by `opened`, and serve; refuse what is no WebSocket handshake."""
        websocket = web.WebSocketResponse(
            max_msg_size=answer.max_message, protocols=answer.protocols, compress=answer.compress
        )
        try:
            await websocket.prepare(self._message)
        except web.HTTPException as refusal:
            await self.put(text_answer(refusal.status, f"{refusal.text}\n"))
            return
        self.stays, self.status = False, 101
        opened()
        answer.opened(self._message.transport)
        await answer.serve(websocket)
        await websocket.close()

    async def write(self, data: bytes) -> None:
        """Write and wait until the kernel has it all."""
        transport = self._message.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the client is gone")
        transport.write(data)
        if transport.get_write_buffer_size():
            await self._message.writer.drain()
            if self._message.transport is None:
                raise ConnectionResetError("the client is gone")

    def write_at_once(self, answer: Answer) -> bool:
        """Write where waiting is not possible; whether the kernel took it all."""
        self.status, self.body = answer.status, answer.body
        transport = self._message.transport
        if transport is None:
            return False
        transport.write(self.bytes_of(answer))
        return transport.get_write_buffer_size() == 0

    def reset(self) -> None:
        """Close with a TCP reset: no lingering, and what is unsent is thrown away (SO_LINGER with 0 seconds)."""
        transport = self._message.transport
        if transport is not None:
            sock = transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        raise ConnectionResetError("reset on purpose")

    def bytes_of(self, answer: Answer) -> bytes:
        """A whole answer as it goes over the wire (RFC 9110 §6.4.1: no body to HEAD, nor with 204 and 304)."""
        if answer.status in _BODILESS:
            return self._head_of(answer)
        head = self._head_of(answer, f"Content-Length: {len(answer.body)}\r\n")
        return head if self._message.method == "HEAD" else head + answer.body

    def _head_of(self, answer: Answer | Stream, framing: str = "") -> bytes:
        connection = ""
        if not self.stays:
            connection = "Connection: close\r\n"
        elif self._message.version < HttpVersion11:
            connection = "Connection: keep-alive\r\n"
        head = head_of(answer.status, answer.headers)
        return f"{head}{framing}Date: {self._date()}\r\n{connection}\r\n".encode()


def _head_length(answer: bytes) -> int:
    return answer.index(b"\r\n\r\n") + 4
