"""One HTTP exchange of a fake: read the request, meet a fault or not, have it answered, report both hops."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from time import time

from aiohttp import hdrs, web

from uplab.fakes import hops
from uplab.fakes.behaviour import Behaviour, delivered
from uplab.fakes.faults import (
    Action,
    Delay,
    Drip,
    Endless,
    Fault,
    HalfAnswer,
    Hang,
    HugeBody,
    Kind,
    Redirect,
    ResetAfterBody,
    Status,
    describe,
)
from uplab.fakes.hosts import Hosts
from uplab.fakes.journal import Emit, next_exchange
from uplab.fakes.messages import Answer, Pairs, Request, Stream, WebSocket, text_answer
from uplab.fakes.writer import CLOSE, GONE, STAY, Handled, Writer

__all__ = ["Exchange", "Handle", "Missed", "Terms"]

Handle = Callable[[Request], Handled | Awaitable[Handled]]
Missed = Callable[[Request, str, int], None]

_SHOWN = 2_000  # bytes of the body of an answer to a delivery, which its hop tells

BODY_S = 30.0
"""Seconds that the body of a request may take."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Terms:
    """What all exchanges of one rim share; `uplab.fakes.web.WebRim` says what each means."""

    handle: Handle
    name: str
    emit: Emit
    body_cap: int
    delivers: Callable[[str, str], bool]
    behaviour: Behaviour = field(default_factory=Behaviour)
    hosts: Hosts | None = None
    missed: Missed | None = None
    named: Callable[[str], str | None] = str
    opened: int = 0
    _date: tuple[int, str] = (0, "")

    def date(self) -> str:
        """The value of the Date header, made anew once a second."""
        now = int(time())
        if now != self._date[0]:
            self._date = (now, formatdate(now, usegmt=True))
        return self._date[1]


class Exchange:
    """One request and its answer; `run` leads it from the head of the request to the last byte of the answer.

    Each exchange emits `destination.arrived` once and `destination.answered` once, whatever goes wrong; but what is not
    meant for this fake, by `named` of its rim, is taken and not told.
    """

    __slots__ = (
        "_asked",
        "_delivery",
        "_message",
        "_number",
        "_parts",
        "_reported",
        "_silent",
        "_size",
        "_terms",
        "_url",
        "_why",
        "_writer",
    )

    def __init__(self, terms: Terms, message: web.BaseRequest) -> None:
        self._number = next_exchange()
        self._terms = terms
        self._message = message
        self._writer = Writer(message, terms.date)
        named = terms.named(message.raw_path)
        self._silent = named is None
        self._url = message.raw_path if named is None else named
        self._delivery = not self._silent and terms.delivers(message.method, self._url)
        self._parts: list[bytes] = []
        self._size = 0
        self._reported = False
        self._asked = False
        self._why = "its connection was cut off before its end"

    async def run(self) -> web.StreamResponse:
        """Lead the exchange to its end and say what becomes of the connection."""
        written = False
        try:
            request = await self._receive()
            hosts, host = self._terms.hosts, self._message.headers.get(hdrs.HOST)
            if hosts is not None and not hosts.knows(host):
                self._why = "its Host header is none of this host's names"
                written = await self._put(text_answer(421, f"nothing here is called {host!r:.100}\n"))
                return STAY if self._writer.stays and written else CLOSE
            if self._silent:
                written = await self._put(Answer())
                return STAY if self._writer.stays and written else CLOSE
            chosen = self._choose("request", request.body)
            written = await (self._usual(request) if chosen is None else self._meet(request, *chosen))
        except ConnectionError:
            return GONE
        except TimeoutError:
            self._writer.stays = False
            self._why = "its body did not come in time"
            written = await self._put(text_answer(408, "the body did not come in time\n"))
            if self._message.transport is not None:  # aiohttp would wait for the rest
                self._message.transport.close()
        except web.RequestPayloadError as error:
            self._writer.stays = False
            self._why = f"its body cannot be read: {error}"
            written = await self._put(text_answer(400, f"{error}\n"))
        finally:
            self._emit_answered(written=written)
            if self._terms.missed is not None and self._delivery and not self._asked:
                self._miss(self._terms.missed)
        return STAY if self._writer.stays and written else CLOSE

    def _miss(self, missed: Missed) -> None:
        """Tell of a delivery that was not taken."""
        message = self._message
        headers, body = _headers(message), b"".join(self._parts)
        so_far = Request(self._number, message.method, self._url, headers, body, self._size, message.secure)
        missed(so_far, self._why, self._writer.status or 0)

    def malformed(self, problem: str) -> web.StreamResponse:
        """Report a request that could not be parsed, refuse it with 400 and close."""
        self._emit_arrived((), b"", complete=False, malformed=problem)
        self._writer.stays = False
        self._emit_answered(written=self._writer.write_at_once(text_answer(400, f"{problem}\n")))
        return CLOSE

    # --- reading ----------------------------------------------------------------------------------------------------

    async def _receive(self) -> Request:
        message = self._message
        headers = _headers(message)
        body, complete = b"", False
        try:
            if (chosen := self._choose("head")) is not None:
                await self._meet_at_head(*chosen)
            if message.body_exists:
                await self._read_body()
            complete = True
        finally:
            if self._parts:
                body = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
            self._emit_arrived(headers, body, complete=complete)
        return Request(self._number, message.method, self._url, headers, body, self._size, message.secure)

    async def _read_body(self) -> None:
        content = self._message.content
        if self._message.headers.get(hdrs.EXPECT, "").lower() == "100-continue":
            await self._writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if content.is_eof():  # it came with its head, as most do: no timer for that
            self._keep(content.read_nowait())
            return
        async with asyncio.timeout(BODY_S):
            while not content.at_eof():
                self._keep(content.read_nowait() or await content.readany())

    def _keep(self, chunk: bytes) -> None:
        room = self._terms.body_cap - self._size
        self._size += len(chunk)
        if room > 0:
            self._parts.append(chunk[:room])

    # --- faults -----------------------------------------------------------------------------------------------------

    def _choose(self, kind: Kind, raw: bytes = b"") -> tuple[Fault, Action] | None:
        behaviour = self._terms.behaviour
        if not behaviour.watches(kind) or not self._delivery:
            return None
        return behaviour.choose({"kind": kind, "method": self._message.method, "url": self._url, "raw": raw})

    async def _meet_at_head(self, fault: Fault, action: Action) -> None:
        self._emit_fault(fault)
        rest = await _delayed(action)
        if isinstance(rest, Hang):
            await _for_ever()
        if rest is not None:
            self._writer.reset()

    async def _meet(self, request: Request, fault: Fault, action: Action) -> bool:
        """Answer with a fault; whether a whole answer was written."""
        if isinstance(action, Delay):
            self._emit_fault(fault)
        rest = await _delayed(action)
        if rest is None:
            return await self._usual(request)
        usual: Handled = Answer()
        if getattr(rest, "handled", True):
            usual = await self._handled(self._ask(request), request)
        if isinstance(rest, HalfAnswer | Drip | HugeBody | Endless) and not isinstance(usual, Answer):
            # A stream or a WebSocket has no whole answer to break, so this fault is not delivered.
            return await self._put(usual)
        if rest is action:
            self._emit_fault(fault)
        return await self._deviate(rest, usual if isinstance(usual, Answer) else Answer())

    async def _deviate(self, action: Action, usual: Answer) -> bool:
        writer = self._writer
        match action:
            case Status():
                retry = () if action.retry_after is None else (("Retry-After", action.retry_after),)
                await writer.put(Answer(action.code, action.body, (*action.headers, *retry)))
            case Redirect(location, code, _):
                await writer.put(Answer(code, b"", (("Location", location),)))
            case HalfAnswer(count):
                return await writer.put_half(usual, count)
            case Drip(bytes_per_s, None):
                await writer.put_drop_by_drop(usual, bytes_per_s)
            case Drip(bytes_per_s, int(count)):
                await writer.put_dripping_body(usual, count, bytes_per_s)
            case HugeBody(count):
                await writer.put_huge(usual, count)
            case Endless(count):
                await writer.put_endless(usual, count)
            case ResetAfterBody():
                writer.reset()
            case _:
                await _for_ever()
        return True

    # --- answering --------------------------------------------------------------------------------------------------

    async def _usual(self, request: Request) -> bool:
        answer = self._ask(request)
        if isinstance(answer, Answer):
            await self._writer.put(answer)
            return True
        return await self._put(await self._handled(answer, request))

    async def _handled(self, answer: Handled | Awaitable[Handled], request: Request) -> Handled:
        if isinstance(answer, Answer | Stream | WebSocket):
            return answer
        try:
            return await answer
        except Exception:  # noqa: BLE001 - as in _ask
            return self._failed(request)

    def _ask(self, request: Request) -> Handled | Awaitable[Handled]:
        self._asked = True
        try:
            return self._terms.handle(request)
        except Exception:  # noqa: BLE001 - the rim outlives any fault of the code behind it, and says whose it was
            return self._failed(request)

    def _failed(self, request: Request) -> Answer:
        _log.exception("the fake %s failed at %s %s", self._terms.name, request.method, request.url)
        return text_answer(500, f"the fake {self._terms.name} failed; its log says why\n")

    async def _put(self, answer: Handled) -> bool:
        if isinstance(answer, Answer):
            await self._writer.put(answer)
        elif isinstance(answer, Stream):
            await self._writer.put_stream(answer)
        else:
            await self._writer.serve_websocket(answer, opened=lambda: self._emit_answered(written=True))
        return True

    # --- reporting --------------------------------------------------------------------------------------------------

    def _emit_arrived(self, headers: Pairs, body: bytes, *, complete: bool, malformed: str | None = None) -> None:
        if self._silent:
            return
        said = hops.destination_arrived(
            fake=self._terms.name,
            exchange=self._number,
            method=self._message.method if malformed is None else "",
            url=self._url if malformed is None else "",
            host=self._message.headers.get(hdrs.HOST, ""),
            headers=list(map(list, headers)),
            raw=body,
            size=self._size,
            complete=complete,
            delivery=self._delivery,
            malformed=malformed,
        )
        self._terms.emit(*said)

    def _emit_fault(self, fault: Fault) -> None:
        self._why = f"the fault {fault.id!r} came first, {describe(fault.action)}"
        self._terms.emit(*delivered(fault, self._number))

    def _emit_answered(self, *, written: bool) -> None:
        if not self._reported and not self._silent:
            self._reported = True
            said = hops.destination_answered(
                exchange=self._number,
                fake=self._terms.name,
                status=self._writer.status,
                written=written,
                headed=self._writer.headed and not written,
                raw=self._writer.body[:_SHOWN] if self._delivery else b"",
            )
            self._terms.emit(*said)


async def _delayed(action: Action) -> Action | None:
    """Wait out the delays of an action and return what is to be done then; None: the usual."""
    rest: Action | None = action
    while isinstance(rest, Delay):
        await asyncio.sleep(rest.s)
        rest = rest.then
    return rest


async def _for_ever() -> None:
    """Wait until the connection is lost or the rim stops: both cancel."""
    await asyncio.get_running_loop().create_future()


def _headers(message: web.BaseRequest) -> Pairs:
    """The headers as they were sent; a value is bytes without a declared encoding, so UTF-8, or Latin-1 if it must."""
    try:
        return tuple([(name.decode("latin-1"), value.decode()) for name, value in message.raw_headers])
    except UnicodeDecodeError:
        return tuple([(name.decode("latin-1"), _decoded(value)) for name, value in message.raw_headers])


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
