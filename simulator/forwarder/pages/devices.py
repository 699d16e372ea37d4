"""The devices that are known, and the page of each: which applications its messages go to."""

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from uplab.simulator.forwarder.pages.page import foreign, missing, see_other
from uplab.simulator.forwarder.pages.page import page as filled
from uplab.simulator.forwarder.pages.paging import paged
from uplab.simulator.forwarder.pages.posted import posted_form
from uplab.simulator.forwarder.pages.refusal import ForeignError, RefusedError
from uplab.simulator.forwarder.pages.registry import Registry
from uplab.simulator.forwarder.pages.view import connection_view
from uplab.simulator.forwarder.web.routes import Routes

__all__ = ["devices"]

_NOTICES = {
    "added": "The application has been successfully added to the device.",
    "removed": "The application has been removed from the device.",
}


def devices(registry: Registry) -> Routes:
    """Make the routes below /iot-flow/devices."""
    pages = Routes("/devices")

    @pages.get("")
    async def list_devices(request: Request) -> HTMLResponse:
        find = request.query_params.get("find", "").strip()
        wanted = find.upper().replace("-", "").replace(":", "")
        names = await registry.device_names()
        found = [name for name in names if wanted in name] if wanted else names
        paging = paged(len(found), request.query_params.get("page", ""), find=find)
        rows = [await registry.device(name) for name in found[paging.part]]
        return filled("devices.html", rows=rows, paging=paging, total=len(names), find=find, here="devices")

    @pages.get("/{dev_eui}")
    async def show(request: Request) -> HTMLResponse:
        notice = _NOTICES.get(request.query_params.get("done", ""), "")
        return await _device(registry, request.path_params["dev_eui"], notice=notice)

    @pages.post("/{dev_eui}")
    async def change(request: Request) -> Response:
        dev_eui = request.path_params["dev_eui"]
        if not await registry.knows(dev_eui):
            return _missing(dev_eui)
        try:
            typed = await posted_form(request)
            if connection_id := typed.text("remove"):
                await registry.unbind(dev_eui, connection_id)
                return see_other(f"/iot-flow/devices/{dev_eui}?done=removed")
            await registry.bind(dev_eui, typed.text("application"))
        except ForeignError:
            return foreign()
        except RefusedError as refused:
            message = str(refused)
            return await _device(registry, dev_eui, refused.status, error=message[:1].upper() + message[1:])
        return see_other(f"/iot-flow/devices/{dev_eui}?done=added")

    return pages


async def _device(registry: Registry, dev_eui: str, status: int = 200, **told: Any) -> HTMLResponse:
    if not await registry.knows(dev_eui):
        return _missing(dev_eui)
    device = await registry.device(dev_eui)
    bound = [await registry.connection(id_) for id_, _ in device.connections]
    return filled(
        "device.html",
        status,
        device=device,
        applications=[connection_view(resource, registry.kinds) for resource in bound if resource],
        removable=await registry.removable(dev_eui),
        choices=[named for named in await registry.connections() if named not in device.connections],
        here="devices",
        **{"error": "", **told},
    )


def _missing(dev_eui: str) -> HTMLResponse:
    return missing("device", dev_eui, back="/iot-flow/devices", way="Devices List")
