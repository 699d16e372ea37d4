"""/flows: which devices are bound to which connections."""

from fastapi import APIRouter, Request, Response

from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.service import Service
from uplab.simulator.forwarder.web.exchange import (
    Id,
    Page,
    PerPage,
    created,
    json_body,
    paged,
    reply,
    request_body,
    responses,
)

__all__ = ["flows"]


def flows(service: Service) -> APIRouter:
    """Make the routes of this resource."""
    router = APIRouter(prefix="/flows", tags=["Flows"])
    body = request_body(service.flow_body.model_json_schema())

    @router.get("", operation_id="listFlows", summary="List the flows", responses=responses(400, 401))
    async def list_all(request: Request, page: Page = None, per_page: PerPage = None) -> Response:
        return paged(request, service.flows(), page, per_page)

    @router.post(
        "",
        status_code=201,
        operation_id="createFlow",
        summary="Create a flow",
        openapi_extra=body,
        responses=responses(400, 401, 413, 503) | created("flow_id", "showFlow", "replaceFlow", "deleteFlow"),
    )
    async def create(request: Request) -> Response:
        raw = await json_body(request)
        if isinstance(raw, dict) and "id" in raw:
            raise InvalidError("id", "id is given by the platform; leave it out")
        return reply(await service.create_flow(raw), 201)

    @router.get("/{flow_id}", operation_id="showFlow", summary="Show a flow", responses=responses(401, 404))
    async def show(flow_id: Id) -> Response:
        return reply(service.flow(flow_id))

    @router.put(
        "/{flow_id}",
        operation_id="replaceFlow",
        summary="Replace a flow",
        openapi_extra=body,
        responses=responses(400, 401, 404, 413, 503),
    )
    async def replace(flow_id: Id, request: Request) -> Response:
        service.flow(flow_id)  # 404 goes before what is wrong with the body
        raw = await json_body(request)
        if isinstance(raw, dict) and raw.get("id", flow_id) != flow_id:
            raise InvalidError("id", "id in the body is not the id in the URL")
        return reply(await service.replace_flow(flow_id, raw))

    @router.delete(
        "/{flow_id}",
        status_code=204,
        operation_id="deleteFlow",
        summary="Delete a flow",
        responses=responses(401, 404, 503),
    )
    async def delete(flow_id: Id) -> Response:
        await service.delete_flow(flow_id)
        return Response(status_code=204)

    return router
