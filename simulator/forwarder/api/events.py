"""/events: what happened on all connections, those that were deleted included."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from uplab.simulator.forwarder.service import Service
from uplab.simulator.forwarder.web.exchange import Page, PerPage, paged_ahead, responses

__all__ = ["events"]


def events(service: Service) -> APIRouter:
    """Make the routes of this resource."""
    router = APIRouter(prefix="/events", tags=["Events"])

    @router.get("", summary="Events, the newest first", responses=responses(400, 401, 503))
    async def list_all(
        request: Request,
        connection_id: Annotated[int | None, Query(alias="connectionId", ge=1, le=2**53)] = None,
        page: Page = None,
        per_page: PerPage = None,
    ) -> Response:
        page, per_page = page or 1, per_page or 100
        found = await service.events(connection_id, limit=per_page + 1, offset=(page - 1) * per_page)
        return paged_ahead(request, found, page, per_page)

    return router
