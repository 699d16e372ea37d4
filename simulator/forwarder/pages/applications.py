"""The list of applications, and the page of each: how it does, its settings, and what can be changed of it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from uplab.simulator.forwarder.destinations.form import Kind
from uplab.simulator.forwarder.pages.control import Problem, problem_in, stored_controls
from uplab.simulator.forwarder.pages.form import Kinds, Typed, edited_body
from uplab.simulator.forwarder.pages.page import foreign, missing, see_other
from uplab.simulator.forwarder.pages.page import page as filled
from uplab.simulator.forwarder.pages.paging import paged
from uplab.simulator.forwarder.pages.posted import posted_form
from uplab.simulator.forwarder.pages.refusal import ForeignError, RefusedError, refusals
from uplab.simulator.forwarder.pages.registry import Registry
from uplab.simulator.forwarder.pages.view import PERIODS, Ring, connection_view, event_row, ring
from uplab.simulator.forwarder.web.routes import Routes

__all__ = ["applications"]

_NOTICES = {"deleted": "The application has been deleted."}


def applications(registry: Registry) -> Routes:
    """Make the routes /iot-flow/, /iot-flow/connections and /iot-flow/connections/{id}."""
    pages = Routes()

    @pages.get("/")
    async def list_applications(request: Request) -> HTMLResponse:
        return await _list(registry, "Applications", "/iot-flow/", request)

    @pages.get("/connections")
    async def list_connections(request: Request) -> HTMLResponse:
        return await _list(registry, "Connections", "/iot-flow/connections", request)

    @pages.get("/connections/{connection_id}")
    async def show(request: Request) -> HTMLResponse:
        connection_id, asked = request.path_params["connection_id"], request.query_params
        resource = await registry.connection(connection_id)
        if resource is None:
            return _missing(connection_id)
        notice = _notice(resource, registry.kinds, asked.get("done", ""), asked.get("field", ""))
        period, events = asked.get("period", "1h"), asked.get("events", "")
        return await _details(registry, resource, period=period, events=events, notice=notice)

    @pages.post("/connections/{connection_id}")
    async def change(request: Request) -> Response:
        connection_id = request.path_params["connection_id"]
        resource = await registry.connection(connection_id)
        if resource is None:
            return _missing(connection_id)
        typed = Typed({})
        try:
            typed = await posted_form(request)
            resource = await registry.connection(connection_id) or resource  # as it is once the form has come in
            return await _change(registry, resource, typed)
        except ForeignError:
            return foreign()
        except RefusedError as refused:
            if refused.status == 404:
                return _missing(connection_id)
            problem = _problem(registry.kinds.of(resource), typed.text("field"), refused)
            return await _details(registry, resource, status=refused.status, typed=typed, problem=problem)

    return pages


async def _change(registry: Registry, resource: Mapping[str, Any], typed: Typed) -> Response:
    connection_id, kind = str(resource["id"]), registry.kinds.of(resource)
    if typed.text("do") == "delete":
        await registry.delete(connection_id)
        return see_other("/iot-flow/?done=deleted")
    field = kind.field(typed.text("field")) if kind else None
    if field is None:
        raise RefusedError(400, "", "this field cannot be changed here")
    with refusals():
        body = edited_body(resource, field, typed)
    await registry.replace(connection_id, body)
    return see_other(f"/iot-flow/connections/{quote(connection_id)}?done=updated&field={field.key}")


def _problem(kind: Kind | None, key: str, refused: RefusedError) -> Problem:
    """A refusal about another field than the one that is edited is told above them all."""
    if kind is None:
        return Problem("", str(refused))
    problem = problem_in(kind, refused.path, str(refused))
    return problem if problem.key == key else Problem("", problem.message)


async def _list(registry: Registry, title: str, path: str, request: Request) -> HTMLResponse:
    asked = request.query_params
    find, named = asked.get("find", "").strip(), await registry.connections()
    found = [(id_, name) for id_, name in named if find.lower() in name.lower() or find == id_] if find else named
    paging = paged(len(found), asked.get("page", ""), find=find)
    resources = [await registry.connection(id_) for id_, _ in found[paging.part]]
    return filled(
        "connections.html",
        rows=[
            (connection_view(r, registry.kinds), await registry.metrics(str(r["id"]), PERIODS["1h"]))
            for r in resources
            if r
        ],
        paging=paging,
        total=len(named),
        find=find,
        path=path,
        title=title,
        here=title.lower(),
        notice=_NOTICES.get(asked.get("done", ""), ""),
    )


def _missing(connection_id: str) -> HTMLResponse:
    return missing("connection", connection_id, back="/iot-flow/", way="All applications")


def _notice(resource: Mapping[str, Any], kinds: Kinds, done: str, key: str) -> str:
    """What a notification says; only what we did is ever named, never words out of the address."""
    kind = kinds.of(resource)
    field = kind.field(key) if kind else None
    if done == "created":
        return f"The application '{resource['name']}' has been successfully created."
    if done == "updated" and field is not None:
        return f"The application '{resource['name']}' has been successfully updated: {field.label}."
    return ""


async def _details(
    registry: Registry,
    resource: Mapping[str, Any],
    *,
    status: int = 200,
    period: str = "1h",
    events: str = "",
    notice: str = "",
    typed: Typed | None = None,
    problem: Problem | None = None,
) -> HTMLResponse:
    connection_id = str(resource["id"])
    period = period if period in PERIODS else "1h"
    counted = await registry.metrics(connection_id, PERIODS[period])
    kind = registry.kinds.of(resource)
    paging = paged(await registry.count_events(connection_id), events, name="events", period=period)
    return filled(
        "connection.html",
        status,
        notice=notice,
        connection=connection_view(resource, registry.kinds),
        controls=stored_controls(kind, resource, typed, problem) if kind else [],
        problem=problem,
        periods=list(PERIODS),
        period=period,
        active_devices=counted["activeThings"],
        rings=_rings(counted),
        events=[event_row(event) for event in await registry.events(connection_id, paging.part)],
        paging=paging,
        here="applications",
    )


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
