"""/connections: create, list, show, replace, delete; and each one's events and metrics."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from uplab.simulator.forwarder.service import Service
from uplab.simulator.forwarder.web.exchange import (
    PAGING,
    created,
    json_body,
    paged,
    paged_ahead,
    reply,
    request_body,
    responses,
    shown_id,
    turned_to,
)
from uplab.simulator.forwarder.web.routes import Routes

__all__ = ["connections"]


def connections(service: Service) -> Routes:
    """Make the routes of this resource."""
    routes = Routes("/connections", tag="Connections")

    def body() -> dict[str, Any]:
        return request_body(*(connector.body.model_json_schema() for connector in service.connectors.values()))

    @routes.get(
        "",
        operation_id="listConnections",
        summary="List the connections",
        query=PAGING,
        responses=responses(400, 401, 403),
    )
    async def list_all(request: Request) -> Response:
        return paged(request, service.connections(), *turned_to(request))

    @routes.post(
        "",
        status=201,
        operation_id="createConnection",
        summary="Create a connection",
        body=body,
        responses=responses(400, 401, 403, 413, 503)
        | created(
            "connection_id", "showConnection", "replaceConnection", "deleteConnection", "showMetrics", "listEvents"
        ),
    )
    async def create(request: Request) -> Response:
        return reply(await service.create(await json_body(request)), 201)

    @routes.get(
        "/{connection_id}",
        operation_id="showConnection",
        summary="Show a connection",
        responses=responses(401, 403, 404),
    )
    async def show(request: Request) -> Response:
        return reply(service.resource(service.runner(shown_id(request, "connection_id"))))

    @routes.put(
        "/{connection_id}",
        operation_id="replaceConnection",
        summary="Replace a connection's whole body",
        body=body,
        responses=responses(400, 401, 403, 404, 413, 503),
    )
    async def replace(request: Request) -> Response:
        connection_id = shown_id(request, "connection_id")
        service.runner(connection_id)  # 404 goes before what is wrong with the body
        return reply(await service.replace(connection_id, await json_body(request)))

    @routes.delete(
        "/{connection_id}",
        status=204,
        media_type="",
        operation_id="deleteConnection",
        summary="Delete a connection",
        responses=responses(401, 403, 404, 503),
    )
    async def delete(request: Request) -> Response:
        await service.delete(shown_id(request, "connection_id"))
        return Response(status_code=204)

    _add_views(routes, service)
    return routes


def _add_views(routes: Routes, service: Service) -> None:
    """Add what can be seen of one connection."""

    @routes.get(
        "/{connection_id}/metrics",
        operation_id="showMetrics",
        summary="Counters",
        responses=responses(401, 403, 404),
    )
    async def metrics(request: Request) -> Response:
        return reply(service.measured(service.runner(shown_id(request, "connection_id"))))

    @routes.get(
        "/{connection_id}/events",
        operation_id="listEvents",
        summary="Events, the newest first",
        query=PAGING,
        responses=responses(400, 401, 403, 404, 503),
    )
    async def events(request: Request) -> Response:
        connection_id = shown_id(request, "connection_id")
        page, per_page = turned_to(request)
        number, page, per_page = service.runner(connection_id).id, page or 1, per_page or 100
        found = await service.events(number, limit=per_page + 1, offset=(page - 1) * per_page)
        return paged_ahead(request, found, page, per_page)
