"""HTTP messages as values: what a fake's protocol code is asked, and what it answers. No I/O."""

import asyncio
import http
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, unquote

import orjson
from aiohttp import web

__all__ = ["Answer", "Pairs", "Request", "Stream", "WebSocket", "head_of", "json_answer", "text_answer"]

Pairs = tuple[tuple[str, str], ...]

_PHRASES: Final = {status.value: status.phrase for status in http.HTTPStatus}


class Request(NamedTuple):
    """One request as it was received. A named tuple, because a frozen dataclass takes several times as long to make.

    `url` is the target as sent (path and query, undecoded), `headers` keep their order and the case of their names.
    `body` holds at most as many bytes as the rim keeps, `size` is how many came.
    """

    exchange: int
    method: str
    url: str
    headers: Pairs = ()
    body: bytes = b""
    size: int = 0
    tls: bool = False

    def header(self, name: str, default: str = "") -> str:
        """The value of the first header of that name, in whatever letter case it was sent."""
        wanted = name.lower()
        for key, value in self.headers:
            if key.lower() == wanted:
                return value
        return default

    @property
    def target(self) -> str:
        """Path and query, also when the whole URL was sent, as to a proxy (RFC 9112 §3.2.2)."""
        url = self.url
        if url.startswith("/"):
            return url
        _, scheme, rest = url.partition("://")
        return "/" + rest.partition("/")[2] if scheme else url

    @property
    def path(self) -> str:
        """The path, percent-decoded."""
        path = self.target.partition("?")[0]
        return unquote(path) if "%" in path else path

    @property
    def query_string(self) -> str:
        """The query as sent, undecoded, without the question mark."""
        return self.target.partition("?")[2]

    @property
    def query(self) -> Pairs:
        """The query's names and values, decoded (a plus is a space), in order, empty values kept."""
        text = self.query_string
        return tuple(parse_qsl(text, keep_blank_values=True)) if text else ()

    @property
    def host(self) -> str:
        """The Host header, empty when there was none."""
        return self.header("host")

    @property
    def origin(self) -> str:
        """Scheme and host as the client named them, such as https://posthere.io; without a Host header: localhost."""
        return f"{'https' if self.tls else 'http'}://{self.host or 'localhost'}"

    @property
    def cut(self) -> bool:
        """Whether the body was longer than the rim keeps."""
        return self.size > len(self.body)


class Answer(NamedTuple):
    """A whole answer. Content-Length, Date and Connection are added when it is written."""

    status: int = 200
    body: bytes = b""
    headers: Pairs = ()


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer whose body is made while it is being written; it ends when the client goes away at the latest."""

    chunks: AsyncGenerator[bytes, None]
    status: int = 200
    headers: Pairs = ()


@dataclass(frozen=True, slots=True)
class WebSocket:
    """An answer that turns the connection into a WebSocket and serves it until `serve` returns.

    A message of more than `max_message` bytes closes it; `protocols` are the subprotocols to agree on; with `compress`
    messages are deflated for clients that offer it. `opened` is given the transport before `serve` begins, for who has
    so many messages that they are better written there, each a whole frame.
    """

    serve: Callable[[web.WebSocketResponse], Awaitable[None]]
    max_message: int = 1 << 20
    protocols: tuple[str, ...] = ()
    compress: bool = True
    opened: Callable[[asyncio.BaseTransport | None], None] = lambda _transport: None


def text_answer(status: int, text: str, *headers: tuple[str, str]) -> Answer:
    """An answer in plain UTF-8 text."""
    return Answer(status, text.encode(), (("Content-Type", "text/plain; charset=utf-8"), *headers))


def json_answer(status: int, value: object, *headers: tuple[str, str]) -> Answer:
    """An answer in JSON."""
    return Answer(status, orjson.dumps(value), (("Content-Type", "application/json"), *headers))


@lru_cache(maxsize=1024)  # an answer's fixed headers recur; without it this would be a tenth of the cost of a request
def head_of(status: int, headers: Pairs) -> str:
    """Status line and headers, without the empty line; raises ValueError for a broken header."""
    lines = [f"HTTP/1.1 {status} {_PHRASES.get(status, '')}"]
    lines += [f"{name}: {value}" for name, value in headers]
    text = "\r\n".join(lines)
    # Line breaks inside a value would make one more header of it (RFC 9110 §5.5).
    if text.count("\n") != len(headers) or text.count("\r") != len(headers):
        raise ValueError(f"a header holds a line break: {headers!r}")
    return text + "\r\n"
