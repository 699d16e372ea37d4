"""What the members of bins', proxies' and platforms' requests are called, and how each writes times, headers, bodies.

By name: posthere.io, webhook.site, RequestBin and Pipedream, Hookdeck, Beeceptor, RequestCatcher, ngrok's inspector,
httpbin, AWS events, Postman's collections and Insomnia's exports. What is called otherwise is found by what it holds:
a document of ThingPark, as JSON or as its text.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from uplab.scenarios.captures.json_text import Node
from uplab.scenarios.captures.within import begins, unwrapped
from uplab.simulator.thingpark.documents import ROOTS

__all__ = [
    "BASE64",
    "BODIES",
    "ERRORS",
    "HEADERS",
    "STATUSES",
    "documents_in",
    "failure",
    "first",
    "headers_of",
    "inner_of",
    "listed_in",
    "plain",
    "real",
    "seconds",
    "speaks",
    "split_message",
    "told_in",
    "url_of",
    "wait_ms",
    "waited_ms",
    "when",
    "whole",
]

BASE64: Final = ("bodyBase64", "body_base64")
BODIES: Final = (
    *(*BASE64, "rawBody", "bodyRaw", "raw_body", "requestBody", "request_body", "raw", "body", "content", "payload"),
    *("data", "message"),
)
HEADERS: Final = ("headers", "requestHeaders", "request_headers", "header")
STATUSES: Final = ("status", "statusCode", "status_code", "responseStatus", "response_status", "responseCode", "code")
ERRORS: Final = ("error", "_error", "exception", "errorMessage")
_TIMES: Final = (
    *("timestamp", "time", "startedDateTime", "created_at", "createdAt", "receivedAt", "received_at", "date", "start"),
    *("ts", "@timestamp", "timestamp_ms", "timestampMs", "indexed_at_ms", "timeEpoch", "eventTime", "event_time"),
    *("published_at", "publishedAt", "logged_at", "_time", "created"),
)
_LIKELY: Final = re.compile(r"time|date|stamp|tst|start|created|received|enqueued|logged", re.IGNORECASE)
_UNLIKELY: Final = re.compile(r"update|expir|timeout|until|valid|modified", re.IGNORECASE)
_WAITS: Final = (
    *("duration_ms", "durationMs", "elapsed_ms", "latency_ms", "duration", "elapsed", "responseTime", "response_time"),
    "total",
)
_LISTS: Final = ("data", "requests", "items", "entries", "events", "messages", "models", "item", "resources", "records")
_INNER: Final = ("request", "event", "data", "payload", "message")
_TEXTS: Final = (
    "raw",
    "text",
    "encoded",
)  # of a body that is an object with its text inside
_THOUSANDS_FROM: Final = 1e11  # a larger count of seconds since 1970 is one of milli-, micro- or nanoseconds
_FIRST_S, _LAST_S = 946_684_800.0, 4_102_444_800.0  # the years 2000 and 2100: a count outside is no instant
_LONGEST_WAIT_MS: Final = 3_600_000.0  # nobody waits an hour for an answer: a larger count is one of nanoseconds
_DEPTH: Final = 12
_MESSAGE: Final = re.compile(r"([A-Z]{3,10}) (\S+) HTTP/[\d.]+\r?\n")


def first(node: Node | None, names: Sequence[str]) -> Node | None:
    """The first of these members that is there and not null."""
    return next((found for one in names if node and (found := node.member(one)) and found.value is not None), None)


def plain(node: Node | None) -> str:
    """A text or a number as a text; empty for anything else."""
    return str(node.value) if node is not None and node.kind in ("text", "number") else ""


def whole(node: Node | None) -> int | None:
    """A whole number, also of the text that begins with it, as "503 Service Unavailable"."""
    text = plain(node).partition(" ")[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def real(node: Node | None) -> float | None:
    """A finite number, also as a text."""
    try:
        number = float(plain(node))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def when(*nodes: Node | None) -> float | None:
    """The first instant that one of these objects tells, in seconds since 1970.

    By the names that are known, else by a name that speaks of a time, also one level below; in a list, any instant.
    """
    found = (node.member(name) for node in nodes if node is not None for name in _TIMES)
    told = next((at_s for one in found if (at_s := seconds(one)) is not None), None)
    if told is not None:
        return told
    likely = (one for node in nodes if node is not None for one in _likely_times(node, 1))
    return next((at_s for one in likely if (at_s := seconds(one)) is not None), None)


def _likely_times(node: Node, depth: int) -> Iterator[Node]:
    if is_document(node):
        return
    yield from (one.value for one in node.members if _LIKELY.search(one.name) and not _UNLIKELY.search(one.name))
    yield from (one for one in node.items if one.kind in ("text", "number"))
    if depth:
        for one in node.members:
            if one.value.kind == "object":
                yield from _likely_times(one.value, depth - 1)


def seconds(node: Node | None) -> float | None:
    """An instant as ISO 8601 text, or as seconds, or thousandths of them, since 1970; a duration is none."""
    text, count = plain(node), real(node)
    if count is None:
        try:
            instant = datetime.fromisoformat(text)
            count = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            return None
    for _ in range(3):
        if count > _THOUSANDS_FROM:
            count /= 1000
    return count if _FIRST_S < count < _LAST_S else None


def wait_ms(item: Node, answered: Node, inner: Node) -> float | None:
    """How long an answer took; what is no time, or a negative one as HAR has it for unknown, is none."""
    durations = item.member("durations")
    found = [*(real(first(node, _WAITS)) for node in (item, answered)), real(first(durations, ("total",)))]
    count = next((one for one in found if one is not None), None)
    if count is None:  # the instants at which both began and ended
        begun, ended = real(inner.member("timestamp_start")), real(answered.member("timestamp_end"))
        count = (ended - begun) * 1000 if begun is not None and ended is not None and answered is not inner else None
    return waited_ms(count)


def failure(*nodes: Node) -> str:
    """What one of these says of an exchange that failed, also where it is an object with its message."""
    for node in nodes:
        for told in (one for name in ERRORS if (one := node.member(name)) is not None):
            if found := plain(first(told, ("msg", "message", "code")) if told.kind == "object" else told):
                return found
    return ""


def url_of(node: Node) -> str:
    """The address, also as an object with its parts, as Postman has it, or as host and path apart."""
    for told in (one for name in ("url", "uri", "fullUrl") if (one := node.member(name)) is not None):
        if found := plain(told.member("raw") if told.kind == "object" else told):
            return found
    host, path = plain(node.member("host")), plain(node.member("path"))
    return f"{plain(node.member('scheme')) or 'http'}://{host}{path}" if host else ""


def waited_ms(count: float | None) -> float | None:
    """The same of a number."""
    if count is None or count < 0:
        return None
    count = count / 1e6 if count > _LONGEST_WAIT_MS else count
    return count if count <= _LONGEST_WAIT_MS else None


def headers_of(node: Node | None) -> tuple[tuple[str, str], ...]:
    """Headers as a list of {name, value}, as a list of pairs, or as an object of texts or of lists of texts."""
    if node is None:
        return ()
    pairs: list[tuple[str, str]] = []
    for one in node.members:
        values = one.value.items if one.value.kind == "array" else (one.value,)
        pairs += [(one.name, plain(value)) for value in values]
    for item in node.items:
        if item.kind == "array" and len(item.items) == 2:
            pairs.append((plain(item.items[0]), plain(item.items[1])))
        elif item.kind == "object":
            pairs.append((plain(first(item, ("name", "key"))), plain(item.member("value"))))
    return tuple(pair for pair in pairs if pair[0])


def is_document(node: Node) -> bool:
    """Whether it is an object that has a root of ThingPark's documents."""
    return node.kind == "object" and any(one.name in ROOTS for one in node.members)


def inner_of(item: Node) -> Node:
    """The request within what a bin tells of it, or that itself."""
    for name in _INNER:
        found = item.member(name)
        if found is None or found.kind != "object" or is_document(found):
            continue
        if name in ("request", "event") or any(found.member(one) for one in ("method", *HEADERS)):
            return found
    return item


def listed_in(tree: Node) -> Node | None:
    """The list of requests that an object holds; None where it is a request itself."""
    if any(tree.member(one) for one in ("method", *HEADERS)):
        return None
    named = (tree.member(one) for one in _LISTS)
    found = next((one for one in named if one is not None and one.kind == "array"), None)
    if found is not None:
        return found
    arrays = (one.value for one in tree.members if one.value.kind == "array")
    return next((one for one in arrays if any(map(is_document, one.items))), None)


def told_in(inner: Node) -> tuple[str, Node | None]:
    """The member that holds the body, and its name; what holds it where that is an object of a tool's own."""
    name = next(
        (one for one in BODIES if (found := inner.member(one)) is not None and found.value not in ("", None)), ""
    )
    told = inner.member(name) if name else None
    if told is not None and told.kind == "object" and not is_document(told):
        text = next((found for one in _TEXTS if (found := told.member(one)) is not None and found.kind == "text"), None)
        told = text if text is not None else told
    return name, told


def speaks(node: Node | None) -> bool:
    """Whether a value is a document, or a text that is one or has one within."""
    if node is None:
        return False
    if node.kind != "text":
        return is_document(node)
    text = str(node.value)
    if (inside := unwrapped(text)) is not None:
        text = inside.decode("utf-8", "replace")
    return begins(text)


def documents_in(tree: Node, at_s: float | None = None, depth: int = _DEPTH) -> Iterator[tuple[float | None, Node]]:
    """What holds a document somewhere inside, as JSON or as its text; with the time of what is nearest around it."""
    if speaks(tree):
        yield at_s, tree
        return
    if not depth or tree.kind not in ("object", "array"):
        return
    told = when(tree)
    at_s = told if told is not None else at_s
    for one in (*(member.value for member in tree.members), *tree.items):
        yield from documents_in(one, at_s, depth - 1)


def split_message(text: str) -> tuple[str, str, tuple[tuple[str, str], ...], str] | None:
    """Method, target, headers and body of a whole HTTP request, also in Base64; None where it is none."""
    if _MESSAGE.match(text) is None:
        try:
            text = base64.b64decode(text, validate=True).decode()
        except (binascii.Error, ValueError):
            return None
    begun = _MESSAGE.match(text)
    if begun is None:
        return None
    head, _, body = text[begun.end() :].replace("\r\n", "\n").partition("\n\n")
    if "\r\n\r\n" in text:  # the body keeps its own ends of lines
        body = text.partition("\r\n\r\n")[2]
    lines = (line.partition(":") for line in head.split("\n"))
    pairs = tuple((name.strip(), value.strip()) for name, colon, value in lines if colon)
    return begun[1], begun[2], pairs, body
