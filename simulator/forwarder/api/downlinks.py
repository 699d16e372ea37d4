"""/iot-flow/downlinkMessages/{uuid}: where a destination posts its downlinks; the URL itself is the permission."""

from fastapi import APIRouter, Request, Response

from uplab.simulator.forwarder.downlinks.downlink import DOWNLINK_SCHEMA
from uplab.simulator.forwarder.service import DOWNLINK_PATH, Service
from uplab.simulator.forwarder.web.exchange import json_body, request_body, responses

__all__ = ["downlinks"]


def downlinks(service: Service) -> APIRouter:
    """Make the route; no document names its answer, so it is 202 (guidelines: accepted, the rest follows)."""
    router = APIRouter(prefix=DOWNLINK_PATH, tags=["Downlinks"])

    @router.post(
        "/{uuid}",
        status_code=202,
        summary="Send a downlink; a rejection by the network server follows as DevEUI_downlink_Rejected",
        openapi_extra=request_body(DOWNLINK_SCHEMA),
        responses=responses(400, 403, 404, 413, 503),
    )
    async def send(uuid: str, request: Request) -> Response:
        runner = service.runner_of_uuid(uuid)
        await service.downlinks.take(runner, await json_body(request, 65_536))
        return Response(status_code=202)

    return router
