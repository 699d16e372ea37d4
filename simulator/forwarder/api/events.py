"""/events: what happened on all connections, those that were deleted included."""

from starlette.requests import Request
from starlette.responses import Response

from uplab.simulator.forwarder.service import Service
from uplab.simulator.forwarder.web.exchange import PAGING, paged_ahead, responses, turned_to
from uplab.simulator.forwarder.web.routes import Number, Routes

__all__ = ["events"]

_CONNECTION = Number("connectionId", 1, 2**53)


def events(service: Service) -> Routes:
    """Make the routes of this resource."""
    routes = Routes("/events", tag="Events")

    @routes.get(
        "",
        operation_id="listAllEvents",
        summary="Events, the newest first",
        query=(_CONNECTION, *PAGING),
        responses=responses(400, 401, 403, 503),
    )
    async def list_all(request: Request) -> Response:
        connection_id = _CONNECTION.read(request)
        page, per_page = turned_to(request)
        page, per_page = page or 1, per_page or 100
        found = await service.events(connection_id, limit=per_page + 1, offset=(page - 1) * per_page)
        return paged_ahead(request, found, page, per_page)

    return routes
