"""The signed HTTP tunnel to the forwarder, and the network server's rim where downlinks come in."""

from __future__ import annotations

import asyncio
import hashlib
import html
import io
import itertools
import json
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

import aiohttp
import orjson
from aiohttp import web
from yarl import URL

from uplab.simulator import hops
from uplab.simulator.clock import Clock, RealClock, utc_iso
from uplab.simulator.emit import Emit, ignore
from uplab.simulator.errors import SimulatorError
from uplab.simulator.network.documents import Document
from uplab.simulator.network.lrc import Lrc, Queues
from uplab.simulator.network.trace import traceparent
from uplab.simulator.thingpark.documents import root_of

__all__ = ["DOWNLINK_PATH", "Carry", "NetworkRim", "Outcome", "Reading", "Tunnel", "sign_uplink"]

DOWNLINK_PATH = "/thingpark/lrc/rest/downlink"

_MOST_AT_ONCE = 64  # where aiohttp's client is at its best
_IDLE_S = 4.0  # shorter than the five seconds after which common servers drop an idle connection
_STOP_S = 2.0
HEAD_S = 20.0
"""Seconds that the head of a request to the network server may take."""
_REASON_BYTES = 300
_ANSWER_BYTES = 65_536  # of an answer are kept
_AT_ONCE = 2**20  # bytes of a body that may be written without a look at anything else
_attempts = itertools.count(1)  # one count for the process: a new tunnel after a restart must not repeat a number


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a post ended: a 2xx fully read is accepted, another status refused; unclear is when nobody can know."""

    kind: Literal["accepted", "refused", "unclear"]
    status: int | None
    reason: str


class Reading(NamedTuple):
    """How a token is made where the documents are silent, and receivers differ.

    Of a document without FPort the element is left out, or "0" takes its place; a DevEUI_notification gives those that
    it has, or its CustomerID and DevEUI alone.
    """

    without_fport: Literal["absent", "zero"] = "absent"
    notification: Literal["elements", "device"] = "elements"


OURS = Reading()


def sign_uplink(
    document: Mapping[str, Any], *, as_id: str, as_key: str, time: str, lrn_infos: str, reading: Reading = OURS
) -> list[tuple[str, str]]:
    """Return the tunnel's query as decoded pairs, in its order; `time` is that of the post, ISO 8601 with an offset."""
    root, body = _under_root(document)
    # A gateway's alarm has no DevEUI, a join no FPort; null is no value either.
    pairs = [(name, str(body[of])) for name, of in _IN_QUERY if body.get(of) is not None]
    pairs += [("LrnInfos", lrn_infos), ("AS_ID", as_id), ("Time", time)]
    signed = "&".join(f"{name}={value}" for name, value in pairs)
    token = hashlib.sha256(f"{_body_elements(root, body, reading)}{signed}{as_key}".encode()).hexdigest()
    return [*pairs, ("Token", token)]


def _under_root(document: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The root and what stands under it; where somebody sends what has none, the first member."""
    found = root_of(document)
    return (found[0].name, found[1]) if found else next(iter(document.items()))


_IN_QUERY = (("LrnDevEui", "DevEUI"), ("LrnFPort", "FPort"))
_OF_UPLINK = ("CustomerID", "DevEUI", "FPort", "FCntUp", "payload_hex")
_OF_SENT = ("CustomerID", "DevEUI", "FPort", "FCntDn")
_WITHOUT_UP = ("CustomerID", "DevEUI", "FPort", "FCntDn", "payload_hex")


def _body_elements(root: str, body: Mapping[str, Any], reading: Reading) -> str:
    """Return what of the document goes into the token.

    Documented are uplinks with FCntUp and Sent reports. Of all others, uplinks without FCntUp among them, the documents
    say nothing: our reading is to take those of the same elements that the document has, FCntUp before FCntDn.
    """
    with_up = body.get("FCntUp") is not None
    names: tuple[str, ...] = _OF_SENT if root == "DevEUI_downlink_Sent" else _OF_UPLINK if with_up else _WITHOUT_UP
    if root == "DevEUI_notification" and reading.notification == "device":
        names = _OF_UPLINK[:2]
    elif reading.without_fport == "zero" and body.get("FPort") is None:
        body = {**body, "FPort": 0}
    return "".join(str(body[name]) for name in names if body.get(name) is not None)


Carry = Callable[[str, bytes, dict[str, Any]], Awaitable[Outcome]]


class Tunnel:
    """Posts documents to the forwarder's ingress; posts of one device are kept in order by the caller.

    `ingress` may be set anew when the forwarder comes back at another address. `hide` takes what is secret out of an
    answer before its beginning becomes the reason: a secret that is cut in two would be known by nobody. An ingress
    that lets in by other means than the token is given `headers`, and a query that is not `signed`. Each post that is
    `traced` has a traceparent. `tls` says whom to
    trust, `proxy` through which other one it is reached, as http://host:port. `carry` hands a
    document over where the way in is no HTTP: it is called with address, body and what is to be said of the answer.
    """

    def __init__(
        self,
        *,
        ingress: str,
        as_id: str,
        as_key: str,
        clock: Clock | None = None,
        emit: Emit = ignore,
        timeout_s: float = 10.0,
        lrn_infos: str | None = None,
        reading: Reading = OURS,
        signed: bool = True,
        traced: bool = False,
        headers: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        proxy: str | None = None,
        hide: Callable[[bytes], bytes] = bytes,
        carry: Carry | None = None,
    ) -> None:
        self._carry = carry
        self._traced = traced and carry is None
        self.ingress = ingress
        self._as_id = as_id
        self._as_key = as_key
        self._clock = clock or RealClock()
        self._emit = emit
        self._timeout_s = timeout_s
        self._lrn_infos = lrn_infos or f"{as_id}-1-1"
        self._reading = reading
        self._signed = signed
        self._headers = {"Content-Type": "application/json", **(headers or {})}
        self._tls = tls
        self._proxy = proxy
        self._hide = hide
        self._session: aiohttp.ClientSession | None = None
        self._turn = asyncio.Semaphore(_MOST_AT_ONCE)

    async def start(self) -> None:
        """Open the client; nothing is connected yet."""
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_IDLE_S, ssl=self._tls or True)
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            # Connecting gets half of the time, so that what ends it tells whether anything can have been sent.
            timeout=aiohttp.ClientTimeout(total=self._timeout_s, sock_connect=self._timeout_s / 2),
        )

    async def stop(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def post(self, document: Document, raw: bytes | None = None) -> Outcome:
        """Send one document, once, and return how that ended; it never raises for what the forwarder does.

        `raw` is its text where it has one already: these bytes go out, and the token is over the digits in them.
        """
        _, body = _under_root(document)
        pairs = sign_uplink(
            document if raw is None else json.loads(raw, parse_int=str, parse_float=str),
            as_id=self._as_id,
            as_key=self._as_key,
            time=utc_iso(self._clock.epoch_s()),
            lrn_infos=self._lrn_infos,
            reading=self._reading,
        )
        if not self._signed:
            pairs.pop()
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs)
        raw = orjson.dumps(document) if raw is None else raw
        async with self._turn:
            url = f"{self.ingress}{'&' if '?' in self.ingress else '?'}{query}"
            attempt = next(_attempts)
            dev_eui, f_cnt = body.get("DevEUI"), body.get("FCntUp")
            trace = traceparent(raw, attempt) if self._traced else None
            sent = hops.tunnel_sent(attempt=attempt, dev_eui=dev_eui, f_cnt=f_cnt, url=url, traceparent=trace, raw=raw)
            self._emit(*sent)
            outcome = Outcome("unclear", None, "cancelled")
            said: dict[str, Any] = {}
            try:
                carried = self._carry(url, raw, said) if self._carry else self._exchange(url, raw, said, trace)
                outcome = await carried
            finally:
                ended = hops.tunnel_answered(
                    attempt=attempt, outcome=outcome.kind, status=outcome.status, reason=outcome.reason, **said
                )
                self._emit(*ended)
            return outcome

    async def _exchange(self, url: str, raw: bytes, said: dict[str, Any], trace: str | None) -> Outcome:
        """Post, and put headers and body of the answer into `said` as they come, as facts of the hop."""
        if self._session is None:
            raise SimulatorError("the tunnel is not started")
        status: int | None = None
        try:
            async with self._session.post(
                # Encoded already: another pass would turn %3A and %2B back, and the token is about exactly these.
                URL(url, encoded=True),
                data=raw if len(raw) <= _AT_ONCE else io.BytesIO(raw),  # aiohttp wants what is larger as a file
                headers={**self._headers, "traceparent": trace} if trace else self._headers,
                allow_redirects=False,
                proxy=self._proxy,
            ) as response:
                status = response.status
                said["headers"] = [[name, value] for name, value in response.headers.items()]
                said["raw"] = await _read(response)
        except aiohttp.ClientHttpProxyError as error:  # it was to open a tunnel, and nothing went through
            return Outcome("refused", None, f"unreachable: the proxy answered {error.status} {error.message}")
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return Outcome("refused", None, f"unreachable: {error}")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Outcome("unclear", status, f"{type(error).__name__}: {error}")
        if 200 <= status < 300:
            return Outcome("accepted", status, "")
        return Outcome("refused", status, self._hide(said["raw"])[:_REASON_BYTES].decode(errors="replace"))


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Read the answer to its end and return its beginning, so that no answer fills the memory."""
    beginning = bytearray()
    async for chunk in response.content.iter_any():
        if len(beginning) < _ANSWER_BYTES:
            beginning += chunk
    return bytes(beginning[:_ANSWER_BYTES])


class NetworkRim:
    """The HTTP face of the network server, for downlinks."""

    def __init__(
        self,
        network: Queues,
        *,
        as_keys: Mapping[str, str],
        clock: Clock | None = None,
        emit: Emit = ignore,
        max_deviation_s: float | None = 600.0,
    ) -> None:
        self.lrc = Lrc(network, as_keys, max_deviation_s=max_deviation_s, emit=emit)
        self.url = ""
        self._clock = clock or RealClock()
        self._runner: web.AppRunner | None = None
        self._site: asyncio.Server | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; afterwards `url` is the base address, without a slash at its end."""
        app = web.Application(client_max_size=65_536, middlewares=[_head_has_come])
        app.router.add_post(DOWNLINK_PATH, self._downlink)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_STOP_S)
        await self._runner.setup()
        server, loop = self._runner.server, asyncio.get_running_loop()
        assert server is not None, "it is set up"
        # Like a site of aiohttp's, but its connections do not wait for ever for the end of a head.
        self._site = await loop.create_server(lambda: _Caller(server, loop=loop, access_log=None), host, port)
        self.url = f"http://{host}:{self._site.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Stop listening, after what is in flight; who has not ended by then is cut off."""
        if self._site is not None:
            self._site.close()
            self._site = None
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _downlink(self, request: web.Request) -> web.Response:
        answer = self.lrc.answer(request.raw_path.partition("?")[2], now=self._clock.epoch_s())
        page = f"<html><body>{html.escape(answer.text)}</body></html>"
        reason = {200: "OK", 400: "Bad Request"}.get(answer.status, "Rejected")
        return web.Response(status=answer.status, reason=reason, text=page, content_type="text/html")


class _Caller(web.RequestHandler):
    """One connection to the network server; who begins a request and does not end its head is put out."""

    __slots__ = ("_begun",)

    def __init__(self, server: web.Server, *, loop: asyncio.AbstractEventLoop, access_log: None) -> None:
        super().__init__(server, loop=loop, access_log=access_log)  # type: ignore[arg-type]  # it means "none"
        self._begun: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        if self._begun is None and self._current_request is None:
            self._begun = asyncio.get_running_loop().call_later(HEAD_S, self._put_out)
        super().data_received(data)

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


@web.middleware
async def _head_has_come(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    if isinstance(request.protocol, _Caller):
        request.protocol.head_has_come()
    return await handler(request)
