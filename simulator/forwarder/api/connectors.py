"""/connectors: the kinds of connection that can be created, each with the schema of its configuration."""

from typing import Any

from fastapi import APIRouter, Request, Response

from uplab.simulator.forwarder.destinations.connector import Connector, Connectors
from uplab.simulator.forwarder.problem import problem
from uplab.simulator.forwarder.web.exchange import Page, PerPage, paged, reply, responses

__all__ = ["connectors"]


def connectors(table: Connectors) -> APIRouter:
    """Make the routes of this resource."""
    router = APIRouter(prefix="/connectors", tags=["Connectors"])
    known = {name: _shown(connector) for name, connector in table.items()}

    @router.get("", summary="List the connectors", responses=responses(400, 401))
    async def list_all(request: Request, page: Page = None, per_page: PerPage = None) -> Response:
        return paged(request, list(known.values()), page, per_page)

    @router.get("/{connector_id}", summary="Show a connector", responses=responses(401, 404))
    async def show(connector_id: str) -> Response:
        if connector_id not in known:
            return Response(problem(404, "there is no such connector"), 404, media_type="application/json")
        return reply(known[connector_id])

    return router


def _shown(connector: Connector[Any]) -> dict[str, Any]:
    producer, _, module = connector.id.partition("-")
    schema = connector.configuration.model_json_schema()
    return {
        "id": connector.id,
        "producerId": producer,
        "moduleId": module,
        "version": "1.0.0",
        "description": connector.description,
        "connection": {"configurationSchema": {"id": f"urn:jsonschema:uplab:{module}", **schema}},
        "flow": {},
    }
