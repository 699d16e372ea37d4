"""The HTTP rim that the fakes share: sites, connections, a quick end. What is answered is the business of the fake."""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from uplab.fakes.behaviour import Behaviour
from uplab.fakes.exchange import Exchange, Handle, Missed, Terms
from uplab.fakes.hosts import Hosts
from uplab.fakes.journal import Emit, ignore
from uplab.fakes.messages import Answer, Request, Stream, WebSocket, json_answer, text_answer
from uplab.fakes.writer import Handled

__all__ = ["Answer", "Handle", "Handled", "Request", "Stream", "WebRim", "WebSocket", "json_answer", "text_answer"]

_LONGEST_LINE: Final = 65_536
_STOP_S: Final = 2.0
HEAD_S: Final = 30.0
"""Seconds that a request's head may take; its body may take as long again (`exchange.BODY_S`)."""


def _each(_method: str, _url: str) -> bool:
    return True


class WebRim:
    """Listens, hands each request to `handle`, writes its answer, and emits what arrived and what was answered.

    `delivers(method, url)` says which requests are deliveries: only these meet faults, and `destination.arrived` says
    so in its fact `delivery`; the others are people and scenarios reading pages. With `names`, who asks by a name of a
    host that is none of these, of `hosts` or of those that it listens on is refused with 421. At most `body_cap` bytes
    of a body are kept. An exception in `handle` is logged and answered with 500. `missed` is told of each delivery that
    `handle` was not asked about, since a fault or its end came first: what there is of it, why, and the status that was
    written for it, 0 for none. `named` says how a URL is called here; what is nothing of this rim's, None, is answered
    with 200, and neither told nor handled.
    """

    def __init__(
        self,
        handle: Handle,
        *,
        name: str,
        emit: Emit = ignore,
        behaviour: Behaviour | None = None,
        body_cap: int = 16_000_000,
        delivers: Callable[[str, str], bool] = _each,
        names: Sequence[str] | None = None,
        missed: Missed | None = None,
        named: Callable[[str], str | None] = str,
    ) -> None:
        self.hosts = Hosts(*(names or ()))
        asked = None if names is None else self.hosts
        self._terms = Terms(
            handle, name, emit, body_cap, delivers, behaviour or Behaviour(), hosts=asked, missed=missed, named=named
        )
        self._server: _Server | None = None
        self._sites: list[asyncio.Server] = []

    @property
    def behaviour(self) -> Behaviour:
        """The faults in force; may be replaced at any time, for the requests that come after."""
        return self._terms.behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        self._terms.behaviour = behaviour

    @property
    def opened(self) -> int:
        """How many connections have come so far, with a request or without."""
        return self._terms.opened

    async def listen(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> int:
        """Open one more site and return its port; raises OSError when the address cannot be had."""
        if self._server is None:
            self._server = _Server(self._terms)
        self.hosts.allow(host)
        loop = asyncio.get_running_loop()
        site = await loop.create_server(self._server, host, port, ssl=tls, backlog=1024)
        self._sites.append(site)
        return int(site.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close all sites and connections at once, those with an answer under way too; `listen` may follow."""
        server, self._server = self._server, None
        sites, self._sites = self._sites, []
        for site in sites:
            site.close()
        if server is None:
            return
        for connection in server.connections:
            if connection.transport is not None:
                connection.transport.abort()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_S):
                while server.connections:  # noqa: ASYNC110 - aiohttp has no event for it
                    await asyncio.sleep(0)
                for site in sites:  # one who is in the middle of a TLS handshake is no connection yet, and waited for
                    await site.wait_closed()


class _Server(web.Server):
    """aiohttp's low-level server, with connections of our kind."""

    def __init__(self, terms: Terms) -> None:
        # Cancellation is how a hanging or delayed answer learns that its client has gone.
        super().__init__(self._serve, handler_cancellation=True)
        self.terms = terms

    def _serve(self, message: web.BaseRequest) -> Awaitable[web.StreamResponse]:
        if isinstance(message.protocol, _Connection):
            message.protocol.head_has_come()
        return Exchange(self.terms, message).run()

    def __call__(self) -> web.RequestHandler:
        self.terms.opened += 1
        return _Connection(self, asyncio.get_running_loop())


class _Connection(web.RequestHandler):
    """One connection: bodies as they were sent, and requests that cannot be parsed are reported too."""

    __slots__ = ("_begun", "_terms")

    def __init__(self, server: _Server, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            server,
            loop=loop,
            access_log=None,  # type: ignore[arg-type]  # aiohttp means "none" by it
            auto_decompress=False,
            max_line_size=_LONGEST_LINE,
            max_field_size=_LONGEST_LINE,
        )
        self._terms = server.terms
        self._begun: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """Takes what comes; who begins a request and does not end its head is put out."""
        super().data_received(data)
        # Most heads come whole: the timer is for those that did not.
        if self._begun is None and self._current_request is None and not self._messages:
            self._begun = asyncio.get_running_loop().call_later(HEAD_S, self._put_out)

    def connection_lost(self, exc: BaseException | None) -> None:
        self.head_has_come()
        super().connection_lost(exc)

    def head_has_come(self) -> None:
        """A request is under way."""
        if self._begun is not None:
            self._begun.cancel()
            self._begun = None

    def _put_out(self) -> None:
        if self.transport is not None and self._current_request is None:
            self.transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A drained writer then means that the kernel has every byte, which is what "written" claims.
        transport.set_write_buffer_limits(high=0)  # type: ignore[attr-defined]  # a server's is always a write transport
        super().connection_made(transport)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if isinstance(exc, HttpProcessingError):
            return Exchange(self._terms, request).malformed(exc.message)
        return super().handle_error(request, status, exc, message)
