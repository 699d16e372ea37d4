"""What crossed the wire at a hop, as it went: first line, headers, a blank line, body; or an MQTT packet."""

from collections.abc import Callable, Iterator
from http import HTTPStatus

from uplab.reports.run import Line
from uplab.reports.text import one_line

__all__ = ["as_it_went"]

_HEADERS = 40
_LEVELS = {3: "MQTT 3.1", 4: "MQTT 3.1.1", 5: "MQTT 5"}


def as_it_went(line: Line) -> str | None:
    """The head and, after a blank line, the body as far as it is previewed; None for a hop at which nothing crosses."""
    head = _HEADS.get(line.hop)
    if head is None:
        return line.raw
    told = "\n".join(one_line(text, 400) for text in head(line))
    return f"{told}\n\n{line.raw}" if line.raw else told


def _status(line: Line) -> Iterator[str]:
    status = line.facts.get("status")
    if not isinstance(status, int):
        yield "no answer"
        return
    try:
        yield f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"
    except ValueError:
        yield f"HTTP/1.1 {status}"
    yield from _headers(line)


def _headers(line: Line) -> Iterator[str]:
    headers = line.facts.get("headers")
    pairs = [pair for pair in headers if isinstance(pair, list) and len(pair) == 2] if isinstance(headers, list) else []
    yield from (f"{name}: {value}" for name, value in pairs[:_HEADERS])
    if len(pairs) > _HEADERS:
        yield f"… and {len(pairs) - _HEADERS:,} more headers"


def _posted(line: Line) -> Iterator[str]:
    yield f"POST {line.facts.get('url')} HTTP/1.1"


def _arrived(line: Line) -> Iterator[str]:
    yield f"{line.facts.get('method')} {line.facts.get('url')} HTTP/1.1"
    yield from _headers(line)


def _asked(line: Line) -> Iterator[str]:
    yield f"{line.facts.get('method')} {line.facts.get('path')}"


def _downlink(line: Line) -> Iterator[str]:
    yield f"POST {line.facts.get('url')} HTTP/1.1, answered:"
    yield from _status(line)


def _connected(line: Line) -> Iterator[str]:
    facts = line.facts
    level = facts.get("level")
    yield f"CONNECT {_LEVELS.get(level, '') if isinstance(level, int) else ''}".rstrip()
    yield f"client identifier: {facts.get('client_id')}"
    yield f"user name: {facts.get('username')}"
    yield f"CONNACK, code {facts.get('code')}"


def _published(line: Line) -> Iterator[str]:
    facts = line.facts
    yield f"PUBLISH {facts.get('topic')}"
    flags = [name for name, fact in (("RETAIN", "retain"), ("DUP", "duplicate")) if facts.get(fact)]
    yield ", ".join([f"QoS {facts.get('qos')}", f"packet {facts.get('packet_id')}", *flags])
    properties = facts.get("properties")
    if isinstance(properties, list):
        yield from (f"{one[0]}: {one[1]}" for one in properties[:_HEADERS] if isinstance(one, list) and len(one) == 2)


def _acknowledged(line: Line) -> Iterator[str]:
    yield f"{line.facts.get('kind')}, reason code {line.facts.get('code', 0)}"


_HEADS: dict[str, Callable[[Line], Iterator[str]]] = {
    "tunnel.sent": _posted,
    "tunnel.answered": _status,
    "destination.arrived": _arrived,
    "destination.answered": _status,
    "destination.connected": _connected,
    "destination.published": _published,
    "destination.acknowledged": _acknowledged,
    "downlink.posted": _downlink,
    "api.asked": _asked,
    "api.answered": _status,
}
