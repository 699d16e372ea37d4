"""/iot-flow/downlinkMessages/{uuid}: where a destination posts its downlinks; the URL itself is the permission."""

from starlette.requests import Request
from starlette.responses import Response

from uplab.simulator.forwarder.downlinks.downlink import DOWNLINK_SCHEMA
from uplab.simulator.forwarder.service import DOWNLINK_PATH, Service
from uplab.simulator.forwarder.web.exchange import json_body, request_body, responses
from uplab.simulator.forwarder.web.routes import Routes

__all__ = ["downlinks"]


def downlinks(service: Service) -> Routes:
    """Make the route; no document names its answer, so it is 202 (guidelines: accepted, the rest follows)."""
    routes = Routes(DOWNLINK_PATH, tag="Downlinks")

    @routes.post(
        "/{uuid}",
        status=202,
        media_type="",
        operation_id="sendDownlink",
        summary="Send a downlink; a rejection by the network server follows as DevEUI_downlink_Rejected",
        body=lambda: request_body(DOWNLINK_SCHEMA),
        responses=responses(400, 403, 404, 413, 503),
    )
    async def send(request: Request) -> Response:
        runner = service.runner_of_uuid(request.path_params["uuid"])
        await service.downlinks.take(runner, await json_body(request, 65_536))
        return Response(status_code=202)

    return routes
