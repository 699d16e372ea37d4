"""A real account of ThingsBoard behind the lab's names: the lab hands everything on, and tells what passes.

The forwarder speaks to the lab as to the fake, so that the wire is seen and the same checks judge it. What only a fake
does at a word, such as a fault or an account that is disabled, is not applicable.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import Any, Final, NoReturn

import aiohttp
from aiohttp import web

from uplab.fakes.behaviour import Behaviour
from uplab.fakes.hosts import Hosts
from uplab.fakes.journal import Emit
from uplab.fakes.messages import Answer, Request, WebSocket, text_answer
from uplab.fakes.relay.rim import Relay
from uplab.fakes.thingsboard.mqtt.gateway_api import members
from uplab.fakes.thingsboard.server import delivers
from uplab.fakes.web import WebRim
from uplab.scenarios.under_test.access.real_account import RealAccount
from uplab.scenarios.under_test.ways.reach import NotApplicableError

__all__ = ["RealThingsBoard"]

_ANSWER_S: Final = 30.0
_MOST_ANSWER_BYTES: Final = 16_000_000
_MOST_MESSAGE_BYTES: Final = 1 << 20
# Headers that are of one connection (RFC 9110, section 7.6.1), or that whoever writes the message makes anew.
_OF_A_CONNECTION: Final = frozenset(
    {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "host", "content-length", "date"}
    | {"content-encoding", "accept-encoding", "expect"}
)
_OF_A_HANDSHAKE: Final = "sec-websocket-"
_AT_A_WORD: Final = ("state", "tokens", "protocol", "set_account")


class RealThingsBoard:
    """Takes the place of the fake in a lab. All methods belong to the thread of the event loop."""

    name = "thingsboard"

    def __init__(self, account: RealAccount, *, emit: Emit) -> None:
        self._account = account
        self._emit = emit
        host, port, secure = account.mqtt
        self._trust = ssl.create_default_context()

        async def reach() -> tuple[str, int]:
            return host, port

        self._relay = Relay(reach, name=self.name, emit=self._tell, tls=self._trust if secure else None)
        self._web = WebRim(
            self._hand_on,
            name=self.name,
            emit=self._tell,
            delivers=lambda _method, url: url.startswith("/api/"),
            names=("thingsboard.cloud",),
        )
        self._session: aiohttp.ClientSession | None = None

    def __getattr__(self, name: str) -> NoReturn:
        if name in _AT_A_WORD:
            raise NotApplicableError("a real account of ThingsBoard does not do at a word what the fake does")
        raise AttributeError(name)

    @property
    def behaviour(self) -> Behaviour:
        """None but the usual."""
        return self._relay.behaviour

    @behaviour.setter
    def behaviour(self, _behaviour: Behaviour) -> None:
        raise NotApplicableError("a real account of ThingsBoard fails when it does, and not as a scenario plans it")

    @property
    def hosts(self) -> Hosts:
        """The names by which the lab is asked for it."""
        return self._web.hosts

    @property
    def opened(self) -> int:
        """How many connections have come so far, of MQTT and of HTTP."""
        return self._relay.opened + self._web.opened

    async def listen_mqtt(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> int:
        """Opens one more MQTT site and returns its port; OSError when the address cannot be had."""
        return await self._relay.listen(host, port, tls)

    async def listen_http(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> int:
        """Opens one more HTTP site and returns its port; OSError when the address cannot be had."""
        return await self._web.listen(host, port, tls)

    async def stop(self) -> None:
        """Closes all sites and connections."""
        await self._relay.stop()
        await self._web.stop()
        if self._session is not None:
            await self._session.close()
            self._session = None

    def clear(self) -> None:
        """Closes all MQTT sessions. What the account has stays: it is the user's."""
        self._relay.close_all("the lab was cleared")

    def _tell(self, hop: str, facts: dict[str, Any]) -> None:
        if hop == "destination.published":
            facts = {**facts, "members": members(str(facts["topic"]), facts["raw"])}
        elif hop == "destination.arrived":
            facts = {**facts, "delivery": delivers(str(facts["method"]), str(facts["url"]))}
        self._emit(hop, facts)

    # --- HTTP and WebSocket -------------------------------------------------------------------------------------------

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(ssl=self._trust, limit=64)
            self._session = aiohttp.ClientSession(
                connector=connector, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session

    async def _hand_on(self, request: Request) -> Answer | WebSocket:
        headers = [
            (name, value)
            for name, value in request.headers
            if name.lower() not in _OF_A_CONNECTION and not name.lower().startswith(_OF_A_HANDSHAKE)
        ]
        if request.header("Upgrade").lower() == "websocket":
            return WebSocket(lambda here: self._carry(here, request.target, headers), max_message=_MOST_MESSAGE_BYTES)
        try:
            async with (
                asyncio.timeout(_ANSWER_S),
                self._client().request(
                    request.method,
                    self._account.url + request.target,
                    data=request.body or None,
                    headers=headers,
                    allow_redirects=False,
                    skip_auto_headers=("User-Agent", "Accept", "Content-Type"),
                ) as answer,
            ):
                body = await answer.content.read(_MOST_ANSWER_BYTES)
                while len(body) < _MOST_ANSWER_BYTES and (more := await answer.content.read(_MOST_ANSWER_BYTES)):
                    body += more
                kept = tuple(
                    (name, value) for name, value in answer.headers.items() if name.lower() not in _OF_A_CONNECTION
                )
                return Answer(answer.status, body, kept)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            why = " ".join(str(error).split()) or f"no answer within {_ANSWER_S:g} s"
            return text_answer(502, f"{self._account.url} cannot be reached from this lab: {why[:300]}\n")

    async def _carry(self, here: web.WebSocketResponse, target: str, headers: list[tuple[str, str]]) -> None:
        """Messages both ways, until one of the two ends it."""
        try:
            there = await self._client().ws_connect(
                self._account.url + target, headers=headers, max_msg_size=_MOST_MESSAGE_BYTES
            )
        except (aiohttp.ClientError, TimeoutError, OSError):
            await here.close(code=aiohttp.WSCloseCode.BAD_GATEWAY, message=b"the account cannot be reached")
            return
        try:
            ways = {asyncio.ensure_future(_pump(here, there)), asyncio.ensure_future(_pump(there, here))}
            _, left = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for one in left:
                one.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        finally:
            await here.close(code=there.close_code or aiohttp.WSCloseCode.OK)
            await there.close()


_Side = web.WebSocketResponse | aiohttp.ClientWebSocketResponse


async def _pump(source: _Side, sink: _Side) -> None:
    with contextlib.suppress(ConnectionError):
        async for message in source:
            if message.type is aiohttp.WSMsgType.TEXT:
                await sink.send_str(message.data)
            elif message.type is aiohttp.WSMsgType.BINARY:
                await sink.send_bytes(message.data)
