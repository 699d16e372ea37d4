"""The HTTP side: the IoT Flow API, and the ingress beside it. Every refusal has a code, a message and often a field."""

import sqlite3
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from uplab.simulator.forwarder.api.connections import connections
from uplab.simulator.forwarder.api.connectors import connectors
from uplab.simulator.forwarder.api.description import describe, swagger_files, swagger_page
from uplab.simulator.forwarder.api.downlinks import downlinks
from uplab.simulator.forwarder.api.events import events
from uplab.simulator.forwarder.api.flows import flows
from uplab.simulator.forwarder.api.ingress import INGRESS_PATH, Ingress
from uplab.simulator.forwarder.api.login import UnauthorisedError, authorised, oauth
from uplab.simulator.forwarder.api.oauth import Guard
from uplab.simulator.forwarder.api.operation import operation
from uplab.simulator.forwarder.delivery.queue import QueueError
from uplab.simulator.forwarder.downlinks.desk import ForbiddenError, UnavailableError
from uplab.simulator.forwarder.hosts import Hosts
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.logs import log
from uplab.simulator.forwarder.pages import LOGIN_PATH, Login, ServiceRegistry, SignedOutError
from uplab.simulator.forwarder.pages import router as pages
from uplab.simulator.forwarder.pages.page import see_other
from uplab.simulator.forwarder.problem import problem
from uplab.simulator.forwarder.service import LimitError, NotFoundError, Service
from uplab.simulator.forwarder.web.exchange import TooLargeError, reply
from uplab.simulator.forwarder.web.origin import is_foreign
from uplab.simulator.forwarder.web.routes import Routes

__all__ = ["API_PATH", "Application", "make_api"]

API_PATH = "/iot-flow/v1"
TITLE = "ThingPark X IoT Flow, reference forwarder"
_SWAGGER = f"{API_PATH}/swagger-ui"
_DESCRIPTION = f"{API_PATH}/openapi.json"
_MOST_KNOWN = 64  # spellings of our names, with their ports


class Application:
    """The ASGI application: uplinks go straight to the ingress, everything else to the API."""

    def __init__(self, service: Service) -> None:
        """Serve this service."""
        self._ingress = Ingress(service)
        self._api = make_api(service)
        settings = service.settings
        base = urlsplit(settings.public_base or "").hostname
        self._hosts = Hosts([settings.listen[0], base, *settings.allow_host])
        self._known: set[bytes] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        for name, value in scope.get("headers", ()):
            if name == b"host" and value not in self._known and not await self._knows(value, send):
                return
        if scope["type"] == "http" and scope["path"] == INGRESS_PATH:
            await self._ingress(scope, receive, send)
        else:
            await self._api(scope, receive, send)

    async def _knows(self, host: bytes, send: Send) -> bool:
        """Whether it is one of our names; what is none is refused, whatever was asked of it."""
        asked = host.decode("latin-1")
        if self._hosts.knows(asked):
            if len(self._known) < _MOST_KNOWN:
                self._known.add(host)
            return True
        message = f"nothing here is called {asked[:100]!r}; with --allow-host {asked.partition(':')[0][:100]} it is"
        body = problem(421, message)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 421, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return False


def make_api(service: Service) -> Starlette:
    """Make the API of a service, with its description at /iot-flow/v1/swagger-ui.html."""
    guard = Guard(service.settings.client_id, service.settings.client_secret)
    token_url = f"{API_PATH}/oauth/token"
    check = _own_site if guard.open else authorised(guard, token_url)
    resources = (connections(service), flows(service), connectors(service.connectors), events(service))
    parts = [
        *(routes.below(API_PATH, check) for routes in resources),
        oauth(guard).below(API_PATH),
        downlinks(service),
        operation(service),
    ]
    login = Login(service.settings.pages_user, service.settings.pages_password)
    if guard.open or not login.open:  # to who needs a token for the API, its pages are not open either
        parts += pages(ServiceRegistry(service), login)
    parts.append(_documentation([*parts], None if guard.open else token_url))
    api = Starlette(routes=[route for part in parts for route in part.served()])
    api.router.redirect_slashes = False  # a redirect would repeat whatever Host the request claims
    _handle_errors(api)
    return api


def _documentation(parts: list[Routes], token_url: str | None) -> Routes:
    routes = Routes()

    @cache
    def described() -> dict[str, Any]:
        return describe(TITLE, parts, token_url)

    @routes.get(_DESCRIPTION)
    async def description(_request: Request) -> Response:
        return reply(described())

    @routes.get(f"{_SWAGGER}.html")
    async def page(_request: Request) -> Response:
        return HTMLResponse(swagger_page(TITLE, _DESCRIPTION, _SWAGGER))

    @routes.get(f"{_SWAGGER}/{{name}}")
    async def file(request: Request) -> Response:
        path = swagger_files() / request.path_params["name"]
        if not path.is_file() or path.parent != swagger_files():
            raise HTTPException(404)
        return FileResponse(path)

    return routes


def _own_site(request: Request) -> None:
    """Without tokens a page of another site could change things here, from the browser of somebody who looks at it."""
    if request.method != "GET" and is_foreign(request.headers):
        raise ForbiddenError("this request comes from a page of another site; without tokens only our own pages may")


_STATUS: dict[type[Exception], int] = {
    InvalidError: 400,
    UnauthorisedError: 401,
    ForbiddenError: 403,
    LimitError: 403,  # no page gives the status of the sixth connection
    NotFoundError: 404,
    TooLargeError: 413,
    UnavailableError: 503,
}
_HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 413: {"Connection": "close"}}


def _refuse(status: int, message: str, field: str = "", headers: Mapping[str, str] | None = None) -> Response:
    headers = headers or _HEADERS.get(status)
    return Response(problem(status, message, field), status, headers, "application/json")


async def _refused(_request: Request, error: Exception) -> Response:
    return _refuse(_STATUS[type(error)], str(error), getattr(error, "field", ""))


async def _signed_out(_request: Request, _error: Exception) -> Response:
    return see_other(LOGIN_PATH)


async def _unwritable(_request: Request, error: Exception) -> Response:
    log.error("the state cannot be written", extra={"facts": {"cause": str(error)}})
    return _refuse(503, "the state cannot be written now; try again later")


async def _unserved(request: Request, error: Exception) -> Response:
    """A path or a method that there is not."""
    if not isinstance(error, HTTPException):
        return _refuse(500, "internal error; the log says more")
    message, path, headers = str(error.detail), request.url.path.rstrip("/"), dict(error.headers or {})
    if error.status_code == 404:
        message = "there is nothing at this address"
    if error.status_code == 405:
        if request.method in ("PUT", "DELETE", "PATCH") and path.endswith(("/connections", "/flows")):
            message = f"{request.method} needs the id of one: {path}/{{id}}"
        else:
            message = f"{request.method} is not possible here, only {headers['Allow']}"
    return _refuse(error.status_code, message, headers=headers)


def _handle_errors(api: Starlette) -> None:
    for kind in _STATUS:
        api.add_exception_handler(kind, _refused)
    api.add_exception_handler(SignedOutError, _signed_out)
    for kind in (QueueError, sqlite3.Error):
        api.add_exception_handler(kind, _unwritable)
    for kind in (HTTPException, Exception):
        api.add_exception_handler(kind, _unserved)
