"""The HTTP side: the IoT Flow API, and the ingress beside it. Every refusal has a code, a message and often a field."""

import sqlite3
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from simulator.forwarder.downlinks import ForbiddenError, UnavailableError
from simulator.forwarder.ingress import INGRESS_PATH, Ingress, Message, Receive, Send
from simulator.forwarder.invalid import InvalidError
from simulator.forwarder.logs import log
from simulator.forwarder.pages import router as pages
from simulator.forwarder.problem import problem
from simulator.forwarder.queue import QueueError
from simulator.forwarder.routes.common import TooLargeError
from simulator.forwarder.routes.connections import connections
from simulator.forwarder.routes.downlinks import downlinks
from simulator.forwarder.routes.flows import flows
from simulator.forwarder.service import LimitError, NotFoundError, Service

__all__ = ["API_PATH", "Application", "make_api"]

API_PATH = "/iot-flow/v1"


class PagesRegistry:
    """What the pages for people ask of the service."""

    def __init__(self, service: Service) -> None:
        """Ask this service."""
        self._service = service

    async def connections(self) -> list[dict[str, Any]]:
        """All connections, in the order of their ids."""
        return self._service.connections()

    async def connection(self, connection_id: str) -> dict[str, Any] | None:
        """One connection, None when there is none."""
        try:
            return self._service.resource(self._service.runner(connection_id))
        except NotFoundError:
            return None

    async def metrics(self, connection_id: str, hours: int) -> dict[str, int]:
        """The counters of the last hours."""
        runner = self._service.runner(connection_id)
        return self._service.metrics.window(runner.id, hours * 60, self._service.clock.now())

    async def events(self, connection_id: str, limit: int) -> list[dict[str, Any]]:
        """The latest events, newest first."""
        return await self._service.events(self._service.runner(connection_id).id, limit=limit)


class Application:
    """The ASGI application: uplinks go straight to the ingress, everything else to the API."""

    def __init__(self, service: Service) -> None:
        """Serve this service."""
        self._ingress = Ingress(service)
        self._api = make_api(service)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["path"] == INGRESS_PATH:
            await self._ingress(scope, receive, send)
        else:
            await self._api(scope, receive, send)


def make_api(service: Service) -> FastAPI:
    """Make the API of a service, with its description at /iot-flow/v1/swagger-ui.html."""
    api = FastAPI(
        title="ThingPark X IoT Flow, reference forwarder",
        version="1",
        openapi_url=f"{API_PATH}/openapi.json",
        docs_url=f"{API_PATH}/swagger-ui.html",
        redoc_url=None,
    )
    for router in (connections(service), flows(service)):
        api.include_router(router, prefix=API_PATH)
    api.include_router(downlinks(service))
    api.include_router(pages(PagesRegistry(service)))
    _handle_errors(api)
    return api


def _handle_errors(api: FastAPI) -> None:
    def refuse(status: int, message: str, field: str = "", headers: dict[str, str] | None = None) -> Response:
        return Response(problem(status, message, field), status, headers, "application/json")

    @api.exception_handler(InvalidError)
    async def _(_request: Request, error: InvalidError) -> Response:
        return refuse(400, str(error), error.field)

    @api.exception_handler(RequestValidationError)
    async def _(_request: Request, error: RequestValidationError) -> Response:
        finding = error.errors()[0]
        field = str(finding["loc"][-1])
        return refuse(400, f"{field}: {finding['msg']}", field)

    @api.exception_handler(ForbiddenError)
    async def _(_request: Request, error: ForbiddenError) -> Response:
        return refuse(403, str(error), error.field)

    @api.exception_handler(UnavailableError)
    async def _(_request: Request, error: UnavailableError) -> Response:
        return refuse(503, str(error))

    @api.exception_handler(NotFoundError)
    async def _(_request: Request, error: NotFoundError) -> Response:
        return refuse(404, str(error))

    @api.exception_handler(LimitError)
    async def _(_request: Request, error: LimitError) -> Response:
        return refuse(403, str(error))

    @api.exception_handler(TooLargeError)
    async def _(_request: Request, error: TooLargeError) -> Response:
        return refuse(413, str(error), headers={"Connection": "close"})

    @api.exception_handler(QueueError)
    @api.exception_handler(sqlite3.Error)
    async def _(_request: Request, error: Exception) -> Response:
        log.error("the state cannot be written", extra={"facts": {"cause": str(error)}})
        return refuse(503, "the state cannot be written now; try again later")

    @api.exception_handler(HTTPException)
    async def _(request: Request, error: HTTPException) -> Response:
        message = str(error.detail)
        if error.status_code == 405 and request.url.path.rstrip("/").endswith(("/connections", "/flows")):
            message = f"{request.method} needs the id of one: {request.url.path.rstrip('/')}/{{id}}"
        elif error.status_code == 404:
            message = "there is nothing at this address"
        return refuse(error.status_code, message, headers=dict(error.headers or {}))

    @api.exception_handler(Exception)
    async def _(_request: Request, _error: Exception) -> Response:
        return refuse(500, "internal error; the log says more")
