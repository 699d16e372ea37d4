"""The pages for people: the list of connections and a page for each, without script and without foreign assets."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from simulator.forwarder.pages.view import PERIODS, Ring, connection_view, event_row, ring

__all__ = ["COUNTERS", "Registry", "router"]

FOLDER = Path(__file__).parent
EVENTS_MAX = 50
COUNTERS = (
    "activeThings",
    "uplinks",
    "uplinksDelivered",
    "uplinksFailed",
    "uplinksLost",
    "downlinks",
    "downlinksFailed",
)
# Nothing but our own stylesheet may load, so that a name or a message can never become a script.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Registry(Protocol):
    """What the pages ask: each answer is what the API shows for the same, secrets masked already."""

    async def connections(self) -> Sequence[Mapping[str, Any]]:
        """All connections, in the order of their ids."""

    async def connection(self, connection_id: str) -> Mapping[str, Any] | None:
        """One connection with id, name, state, downlinkUrl, configuration, ...; None when there is none."""

    async def metrics(self, connection_id: str, hours: int) -> Mapping[str, int]:
        """Counters of the last hours, by the names of COUNTERS."""

    async def events(self, connection_id: str, limit: int) -> Sequence[Mapping[str, Any]]:
        """The latest events, newest first: time, severity, type, message, devEUI."""


_TEMPLATES = Environment(
    loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def _page(name: str, status: int = 200, **values: Any) -> HTMLResponse:
    return HTMLResponse(_TEMPLATES.get_template(name).render(**values), status, headers=HEADERS)


def router(registry: Registry) -> APIRouter:
    """Make the routes /iot-flow/, /iot-flow/connections/{id} and /iot-flow/style.css."""
    pages = APIRouter(prefix="/iot-flow", include_in_schema=False)
    stylesheet = (FOLDER / "style.css").read_text(encoding="utf-8")

    @pages.get("/")
    async def list_connections() -> HTMLResponse:
        rows = [
            (connection_view(resource), await registry.metrics(str(resource["id"]), PERIODS["1h"]))
            for resource in await registry.connections()
        ]
        return _page("connections.html", rows=rows)

    @pages.get("/connections/{connection_id}")
    async def show_connection(connection_id: str, period: str = "1h") -> HTMLResponse:
        resource = await registry.connection(connection_id)
        if resource is None:
            return _page("missing.html", 404, connection_id=connection_id)
        period = period if period in PERIODS else "1h"
        counted = await registry.metrics(connection_id, PERIODS[period])
        return _page(
            "connection.html",
            connection=connection_view(resource),
            periods=list(PERIODS),
            period=period,
            active_devices=counted["activeThings"],
            rings=_rings(counted),
            events=[event_row(event) for event in await registry.events(connection_id, EVENTS_MAX)],
        )

    @pages.get("/style.css")
    async def style() -> Response:
        return Response(stylesheet, media_type="text/css", headers={"X-Content-Type-Options": "nosniff"})

    return pages


def _rings(counted: Mapping[str, int]) -> list[Ring]:
    return [
        ring(
            "uplinks",
            counted["uplinks"],
            [
                ("Successful", "good", counted["uplinksDelivered"]),
                ("Failed", "bad", counted["uplinksFailed"]),
                ("Lost", "off", counted["uplinksLost"]),
            ],
        ),
        ring(
            "downlinks",
            counted["downlinks"],
            [("Successful", "good", counted["downlinks"]), ("Failed", "bad", counted["downlinksFailed"])],
        ),
    ]
