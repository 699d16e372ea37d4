"""requests.sh: what was sent to the forwarder, as lines of curl for whoever has no uplab."""

import base64
import shlex
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import urlsplit

from uplab.reports.exports.exchanges import Exchange, exchanges
from uplab.scenarios.history.event import Event

__all__ = ["curl_lines"]

_TO: Final = ("forwarder", "api")
_MOST_ARGUMENT: Final = 100_000  # bytes; Linux takes 131,072 in one argument
_HEAD: Final = """\
#!/bin/sh
# Each request that was sent to the forwarder, in its order, and what it was answered then. Secrets are redacted: a
# forwarder that checks them refuses these lines.
: "${FORWARDER:=http://127.0.0.1:8080}"
"""


def curl_lines(events: Iterable[Event]) -> bytes:
    """A shell script; FORWARDER in its environment says where the forwarder is."""
    asked = sorted((one for one in exchanges(events) if one.to in _TO), key=lambda one: one.begun)
    return "\n".join([_HEAD, *(line for one in asked for line in _lines(one))]).encode()


def _lines(one: Exchange) -> Iterator[str]:
    parts = urlsplit(one.url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    said = "no answer" if one.status is None else f"answered {one.status} after {one.took_ms:.0f} ms"
    yield f"# {', '.join((*one.ids, one.begun.isoformat(timespec='milliseconds'), said))}"
    if "the request's headers and body" in one.made_up:
        yield f"# POST {parts.path}: its body is not in the history\n"
        return
    asking = f'curl -sS -X {shlex.quote(one.method)} "$FORWARDER"{shlex.quote(target)}'
    if not one.body:
        yield f"{asking}\n"
        return
    asking += " -H 'Content-Type: application/json'"
    try:
        text = one.body.decode() if len(one.body) <= _MOST_ARGUMENT else None
    except UnicodeDecodeError:
        text = None
    if text is None or "\0" in text or text.startswith("@"):
        yield f"printf %s {base64.b64encode(one.body).decode()} | base64 -d | {asking} --data-binary @-\n"
    else:
        yield f"{asking} --data-binary {shlex.quote(text)}\n"
