"""/connectors: the kinds of connection that can be created, each with the schema of its configuration."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from uplab.simulator.forwarder.destinations.connector import Connector, Connectors
from uplab.simulator.forwarder.problem import problem
from uplab.simulator.forwarder.web.exchange import PAGING, paged, reply, responses, turned_to
from uplab.simulator.forwarder.web.routes import Routes

__all__ = ["connectors"]


def connectors(table: Connectors) -> Routes:
    """Make the routes of this resource."""
    routes = Routes("/connectors", tag="Connectors")

    @routes.get(
        "",
        operation_id="listConnectors",
        summary="List the connectors",
        query=PAGING,
        responses=responses(400, 401, 403),
    )
    async def list_all(request: Request) -> Response:
        return paged(request, [_shown(connector) for connector in table.values()], *turned_to(request))

    @routes.get(
        "/{connector_id}",
        operation_id="showConnector",
        summary="Show a connector",
        responses=responses(401, 403, 404),
    )
    async def show(request: Request) -> Response:
        connector = table.get(request.path_params["connector_id"])
        if connector is None:
            return Response(problem(404, "there is no such connector"), 404, media_type="application/json")
        return reply(_shown(connector))

    return routes


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
