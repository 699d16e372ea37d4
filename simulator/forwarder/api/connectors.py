"""/connectors: the kinds of connection that can be created, each with the schema of its configuration."""

from typing import Any

from fastapi import APIRouter, Request, Response

from uplab.simulator.forwarder.connections.connection import (
    HTTP,
    THINGSBOARD,
    HttpConfiguration,
    ThingsBoardConfiguration,
)
from uplab.simulator.forwarder.problem import problem
from uplab.simulator.forwarder.web.exchange import Page, PerPage, paged, reply, responses

__all__ = ["connectors"]


def connectors() -> APIRouter:
    """Make the routes of this resource."""
    router = APIRouter(prefix="/connectors", tags=["Connectors"])
    known = {
        HTTP: _connector(HTTP, "HTTP connector, also for Widgelix (brand WIDGELIX)", HttpConfiguration),
        THINGSBOARD: _connector(THINGSBOARD, "ThingsBoard connector", ThingsBoardConfiguration),
    }

    @router.get("", summary="List the connectors", responses=responses(400, 401))
    async def list_all(request: Request, page: Page = None, per_page: PerPage = None) -> Response:
        return paged(request, list(known.values()), page, per_page)

    @router.get("/{connector_id}", summary="Show a connector", responses=responses(401, 404))
    async def show(connector_id: str) -> Response:
        if connector_id not in known:
            return Response(problem(404, "there is no such connector"), 404, media_type="application/json")
        return reply(known[connector_id])

    return router


def _connector(
    name: str, description: str, configuration: type[HttpConfiguration | ThingsBoardConfiguration]
) -> dict[str, Any]:
    producer, _, module = name.partition("-")
    schema = configuration.model_json_schema()
    return {
        "id": name,
        "producerId": producer,
        "moduleId": module,
        "version": "1.0.0",
        "description": description,
        "connection": {"configurationSchema": {"id": f"urn:jsonschema:uplab:{module}", **schema}},
        "flow": {},
    }
