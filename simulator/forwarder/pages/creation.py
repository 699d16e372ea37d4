"""Creating an application: Create, View More Applications Type, the type, its form."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from uplab.simulator.forwarder.destinations.form import Kind
from uplab.simulator.forwarder.pages.control import Control, Problem, empty_controls, problem_in, typed_controls
from uplab.simulator.forwarder.pages.form import Typed, create_body
from uplab.simulator.forwarder.pages.page import foreign, missing, page, see_other
from uplab.simulator.forwarder.pages.posted import posted_form
from uplab.simulator.forwarder.pages.refusal import ForeignError, RefusedError, refusals
from uplab.simulator.forwarder.pages.registry import Registry
from uplab.simulator.forwarder.web.routes import Routes

__all__ = ["creation"]


def creation(registry: Registry) -> Routes:
    """Make the routes below /iot-flow/create."""
    pages = Routes("/create")

    @pages.get("")
    async def begin(_request: Request) -> HTMLResponse:
        return page("create.html", here="applications")

    @pages.get("/types")
    async def choose(_request: Request) -> HTMLResponse:
        return page("types.html", kinds=list(registry.kinds.by_slug.values()), here="applications")

    @pages.get("/{slug}")
    async def fill_in(request: Request) -> HTMLResponse:
        slug = request.path_params["slug"]
        kind = registry.kinds.by_slug.get(slug)
        return _missing(slug) if kind is None else _form(kind, empty_controls(kind))

    @pages.post("/{slug}")
    async def create(request: Request) -> Response:
        slug = request.path_params["slug"]
        kind = registry.kinds.by_slug.get(slug)
        if kind is None:
            return _missing(slug)
        typed = Typed({})
        try:
            typed = await posted_form(request)
            with refusals():
                body = create_body(kind, typed, registry.platform)
            made = await registry.create(body)
        except ForeignError:
            return foreign()
        except RefusedError as refused:
            problem = problem_in(kind, refused.path, str(refused))
            return _form(kind, typed_controls(kind, typed, problem), refused.status, problem)
        return see_other(f"/iot-flow/connections/{quote(str(made['id']))}?done=created")

    return pages


def _form(kind: Kind, controls: list[Control], status: int = 200, problem: Problem | None = None) -> HTMLResponse:
    return page("form.html", status, kind=kind, controls=controls, problem=problem, here="applications")


def _missing(slug: str) -> HTMLResponse:
    return missing("application type", slug, back="/iot-flow/create/types", way="All types")
