"""A destination of a scenario's own: a bin, a topic of the broker, or a server that the scenario scripts by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from uplab.fakes.hops import destination_answered, destination_arrived
from uplab.fakes.journal import next_exchange
from uplab.scenarios.checks.checks import Route
from uplab.scenarios.lab.addresses import POSTHERE_HOST
from uplab.scenarios.lab.witness import broker_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_httpserver import HTTPServer
    from werkzeug import Request, Response

    from uplab.fakes.journal import Emit

__all__ = ["SCRIPTED", "Destination", "bin_of", "scripted", "topic_of"]

SCRIPTED = "httpserver"  # what the history calls a server that a scenario scripts by hand
_KEPT = 1_000_000  # bytes of a body that the history has


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a connection may deliver: its address in words, the body of a connection to it, and the route to judge.

    lab.connect(there.body, there.route, device)
    """

    address: str
    body: dict[str, Any]
    route: Route


def bin_of(name: str, **configuration: Any) -> Destination:
    """A bin of posthere under a name of one's own; further keys go into the configuration."""
    path = f"/{name.strip('/')}"
    url = f"https://{POSTHERE_HOST}{path}"
    return Destination(url, _http(name, url, configuration), Route("posthere", path))


def topic_of(pattern: str, wanted: str, **configuration: Any) -> Destination:
    """A topic of the broker; `wanted` is the filter that takes in what the pattern gives."""
    body = broker_body(uplinkTopicPattern=pattern, **configuration)
    return Destination(f"{body['configuration']['hostName']} {pattern}", body, Route("broker", wanted))


def scripted(server: HTTPServer, path: str, emit: Emit, **configuration: Any) -> tuple[Destination, Callable[[], None]]:
    """A server of pytest-httpserver at one path, and what takes it out of the history again.

    Whatever its handlers answer is theirs. The history tells what came and that they returned: when the answer was
    written, and whether it was, this server cannot say.
    """
    url = server.url_for(path)
    handle = type(server).dispatch

    def dispatch(request: Request) -> Response:
        exchange = _tell_arrival(request, emit)
        response = handle(server, request)
        said = destination_answered(
            exchange=exchange, fake=SCRIPTED, status=response.status_code, written=True, returned=True
        )
        emit(*said)
        return response

    server.dispatch = dispatch  # type: ignore[method-assign]  # its own hook for that sees no request without a handler
    there = Destination(
        url, _http(path.strip("/") or SCRIPTED, url, configuration), Route(SCRIPTED, urlsplit(url).path)
    )
    return there, lambda: server.__dict__.pop("dispatch", None)


def _tell_arrival(request: Request, emit: Emit) -> int:
    exchange, body = next_exchange(), request.get_data()
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    said = destination_arrived(
        fake=SCRIPTED,
        exchange=exchange,
        method=request.method,
        url=f"{request.path}{query}",
        host=request.host,
        headers=[[name, value] for name, value in request.headers],
        raw=body[:_KEPT],
        size=len(body),
        complete=True,
        delivery=request.method == "POST",
    )
    emit(*said)
    return exchange


def _http(name: str, url: str, configuration: dict[str, Any]) -> dict[str, Any]:
    return {
        "connectorId": "actility-http-iot",
        "name": f"uplab {name}",
        "configuration": {"destinationURL": url, **configuration},
    }
