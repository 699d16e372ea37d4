"""The WebSocket rim: sockets and clocks around sessions. What is answered is the session's business."""

import asyncio
from typing import Any, Final

from aiohttp import WSMsgType, web

from uplab.fakes.messages import Answer, Request, WebSocket
from uplab.fakes.thingsboard.rest.routing import error_answer
from uplab.fakes.thingsboard.rest.tokens import Tokens
from uplab.fakes.thingsboard.state.tenant import State
from uplab.fakes.thingsboard.ws.session import GENERAL, TELEMETRY, WsClose, WsSession

__all__ = ["WsRim"]

_PLACES: Final = {"/api/ws": GENERAL, "/api/ws/plugins/telemetry": TELEMETRY}
_AUTH_S: Final = 10.0  # server.ws.auth_timeout_ms
_TICK_S: Final = 1.0  # how late a session may hear of what only time has changed
_TICKS: Final = 60  # after so many, queries that filter by values are looked at again
_SETTLE_S: Final = 0.1  # several new devices make one new page
_WAITING_BYTES: Final = 65_536  # what the kernel may leave over before a client counts as slow


class WsRim:
    """Serves `/api/ws...`; `sessions` are those that are open."""

    def __init__(self, state: State, tokens: Tokens) -> None:
        self._state = state
        self._tokens = tokens
        self.sessions: set[WsSession] = set()
        self._tick: asyncio.TimerHandle | None = None
        self._ticks = 0

    def answer(self, request: Request) -> WebSocket | Answer | None:
        """A change of protocols for a request to a WebSocket's address; None for any other."""
        kind = _PLACES.get(request.path.rstrip("/"))
        if kind is None:
            if not request.path.startswith("/api/ws/"):
                return None
            what = f"uplab's fake ThingsBoard does not have {request.path}; the real one has"
            return error_answer(501, 2, what, self._state.now())
        token = dict(request.query).get("token", "")
        session = WsSession(self._state, self._tokens, kind)  # type: ignore[arg-type]  # the table holds no other
        link = _Link(session)
        return WebSocket(
            lambda websocket: self._serve(websocket, link, token),
            max_message=1 << 20,
            compress=False,
            opened=link.open,
        )

    def close_all(self) -> None:
        """End all sessions, as when the server is cleared."""
        for session in list(self.sessions):
            session.outbox.append(WsClose(1001, "the server was cleared"))
            session.end()
            session.wake()

    async def _serve(self, websocket: web.WebSocketResponse, link: "_Link", token: str) -> None:
        session, loop = link.session, asyncio.get_running_loop()
        link.websocket = websocket
        session.wake = link.wake
        self.sessions.add(session)
        self._tick = self._tick or loop.call_later(_TICK_S, self._let_time_pass)
        session.open(token)
        overdue = loop.call_later(_AUTH_S, session.overdue)
        try:
            async for message in websocket:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    session.receive(message.data)
        finally:
            overdue.cancel()
            session.end()
            self.sessions.discard(session)
            link.end()

    def _let_time_pass(self) -> None:
        """Look at what nobody tells, for all sessions, once a second while there are any."""
        self._ticks += 1
        for session in list(self.sessions):
            session.refresh(every=self._ticks % _TICKS == 0)
        self._tick = None
        if self.sessions:
            self._tick = asyncio.get_running_loop().call_later(_TICK_S, self._let_time_pass)


class _Link:
    """Writes what comes into a session's outbox: all that one turn of the loop brings in one piece.

    A task for each message of each dashboard would cost several times as much; there is one only for a slow client.
    """

    def __init__(self, session: WsSession) -> None:
        self.session = session
        self.websocket: web.WebSocketResponse
        self._transport: Any = None
        self._due: asyncio.Handle | None = None
        self._settling: asyncio.TimerHandle | None = None
        self._slow: asyncio.Task[None] | None = None

    def open(self, transport: asyncio.BaseTransport | None) -> None:
        """The protocol was changed on this transport."""
        self._transport = transport

    def end(self) -> None:
        """The connection is gone."""
        for one in (self._due, self._settling, self._slow):
            if one is not None:
                one.cancel()

    def wake(self) -> None:
        """Something is to be written, or to be looked at again."""
        loop = asyncio.get_running_loop()
        if self._due is None and self._slow is None:
            self._due = loop.call_soon(self._write)
        if self.session.stale and self._settling is None:
            self._settling = loop.call_later(_SETTLE_S, self._refresh)

    def _refresh(self) -> None:
        self._settling = None
        self.session.refresh()

    def _write(self) -> None:
        self._due = None
        outbox, transport = self.session.outbox, self._transport
        if not outbox:
            return
        slow = transport is None or transport.is_closing() or transport.get_write_buffer_size() > _WAITING_BYTES
        frames: list[bytes] = []
        while outbox and not slow and not isinstance(outbox[0], WsClose):
            message = outbox.popleft()
            assert isinstance(message, bytes)
            frames += (_head(len(message)), message)
        if frames:
            transport.write(b"".join(frames))
        if outbox:
            self._slow = asyncio.get_running_loop().create_task(self._write_slowly())

    async def _write_slowly(self) -> None:
        """Write as fast as the client takes it in; a closing belongs here too, since it waits for the client's."""
        outbox = self.session.outbox
        try:
            while outbox:
                one = outbox.popleft()
                if isinstance(one, WsClose):
                    await self.websocket.close(code=one.code, message=one.reason.encode()[:120])
                    return
                await self.websocket.send_frame(one, WSMsgType.TEXT)
        except ConnectionError:
            outbox.clear()
        finally:
            self._slow = None


def _head(size: int) -> bytes:
    """The head of a text frame of a server (RFC 6455 §5.2): whole, and not masked."""
    if size < 126:
        return bytes((0x81, size))
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big")
    return b"\x81\x7f" + size.to_bytes(8, "big")
