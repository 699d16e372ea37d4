"""/connections: create, list, show, replace, delete; and each one's events and metrics."""

from fastapi import APIRouter, Request, Response

from uplab.simulator.forwarder.service import Service
from uplab.simulator.forwarder.web.exchange import (
    Id,
    Page,
    PerPage,
    created,
    json_body,
    paged,
    paged_ahead,
    reply,
    request_body,
    responses,
)

__all__ = ["connections"]


def connections(service: Service) -> APIRouter:
    """Make the routes of this resource."""
    router = APIRouter(prefix="/connections", tags=["Connections"])
    body = request_body(*(connector.body.model_json_schema() for connector in service.connectors.values()))

    @router.get("", operation_id="listConnections", summary="List the connections", responses=responses(400, 401))
    async def list_all(request: Request, page: Page = None, per_page: PerPage = None) -> Response:
        return paged(request, service.connections(), page, per_page)

    @router.post(
        "",
        status_code=201,
        operation_id="createConnection",
        summary="Create a connection",
        openapi_extra=body,
        responses=responses(400, 401, 403, 413, 503)
        | created(
            "connection_id", "showConnection", "replaceConnection", "deleteConnection", "showMetrics", "listEvents"
        ),
    )
    async def create(request: Request) -> Response:
        return reply(await service.create(await json_body(request)), 201)

    @router.get(
        "/{connection_id}", operation_id="showConnection", summary="Show a connection", responses=responses(401, 404)
    )
    async def show(connection_id: Id) -> Response:
        return reply(service.resource(service.runner(connection_id)))

    @router.put(
        "/{connection_id}",
        operation_id="replaceConnection",
        summary="Replace a connection's whole body",
        openapi_extra=body,
        responses=responses(400, 401, 404, 413, 503),
    )
    async def replace(connection_id: Id, request: Request) -> Response:
        service.runner(connection_id)  # 404 goes before what is wrong with the body
        return reply(await service.replace(connection_id, await json_body(request)))

    @router.delete(
        "/{connection_id}",
        status_code=204,
        operation_id="deleteConnection",
        summary="Delete a connection",
        responses=responses(401, 404, 503),
    )
    async def delete(connection_id: Id) -> Response:
        await service.delete(connection_id)
        return Response(status_code=204)

    _add_views(router, service)
    return router


def _add_views(router: APIRouter, service: Service) -> None:
    """Add what can be seen of one connection."""

    @router.get(
        "/{connection_id}/metrics",
        operation_id="showMetrics",
        summary="Counters",
        responses=responses(401, 404),
    )
    async def metrics(connection_id: Id) -> Response:
        return reply(service.measured(service.runner(connection_id)))

    @router.get(
        "/{connection_id}/events",
        operation_id="listEvents",
        summary="Events, the newest first",
        responses=responses(400, 401, 404, 503),
    )
    async def events(connection_id: Id, request: Request, page: Page = None, per_page: PerPage = None) -> Response:
        number, page, per_page = service.runner(connection_id).id, page or 1, per_page or 100
        found = await service.events(number, limit=per_page + 1, offset=(page - 1) * per_page)
        return paged_ahead(request, found, page, per_page)
