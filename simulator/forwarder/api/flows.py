"""/flows: which devices are bound to which connections."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.service import Service
from uplab.simulator.forwarder.web.exchange import (
    PAGING,
    created,
    json_body,
    paged,
    reply,
    request_body,
    responses,
    shown_id,
    turned_to,
)
from uplab.simulator.forwarder.web.routes import Routes

__all__ = ["flows"]


def flows(service: Service) -> Routes:
    """Make the routes of this resource."""
    routes = Routes("/flows", tag="Flows")

    def body() -> dict[str, Any]:
        return request_body(service.flow_body.model_json_schema())

    @routes.get(
        "", operation_id="listFlows", summary="List the flows", query=PAGING, responses=responses(400, 401, 403)
    )
    async def list_all(request: Request) -> Response:
        return paged(request, service.flows(), *turned_to(request))

    @routes.post(
        "",
        status=201,
        operation_id="createFlow",
        summary="Create a flow",
        body=body,
        responses=responses(400, 401, 403, 413, 503) | created("flow_id", "showFlow", "replaceFlow", "deleteFlow"),
    )
    async def create(request: Request) -> Response:
        raw = await json_body(request)
        if isinstance(raw, dict) and "id" in raw:
            raise InvalidError("id", "id is given by the platform; leave it out")
        return reply(await service.create_flow(raw), 201)

    @routes.get("/{flow_id}", operation_id="showFlow", summary="Show a flow", responses=responses(401, 403, 404))
    async def show(request: Request) -> Response:
        return reply(service.flow(shown_id(request, "flow_id")))

    @routes.put(
        "/{flow_id}",
        operation_id="replaceFlow",
        summary="Replace a flow",
        body=body,
        responses=responses(400, 401, 403, 404, 413, 503),
    )
    async def replace(request: Request) -> Response:
        flow_id = shown_id(request, "flow_id")
        service.flow(flow_id)  # 404 goes before what is wrong with the body
        raw = await json_body(request)
        if isinstance(raw, dict) and raw.get("id", flow_id) != flow_id:
            raise InvalidError("id", "id in the body is not the id in the URL")
        return reply(await service.replace_flow(flow_id, raw))

    @routes.delete(
        "/{flow_id}",
        status=204,
        media_type="",
        operation_id="deleteFlow",
        summary="Delete a flow",
        responses=responses(401, 403, 404, 503),
    )
    async def delete(request: Request) -> Response:
        await service.delete_flow(shown_id(request, "flow_id"))
        return Response(status_code=204)

    return routes
