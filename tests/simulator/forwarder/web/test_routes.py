"""Routes: who answers, what is refused before, and numbers in a query."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.web.routes import Number, Routes

PAGE = Number("page", 1, 50)


def made() -> Routes:
    routes = Routes("/things", tag="Things")

    @routes.get("/all")
    async def all_of_them(_request: Request) -> Response:
        return PlainTextResponse("all")

    @routes.get("/{name}", summary="Show it", query=(PAGE,))
    async def show(request: Request) -> Response:
        return PlainTextResponse(request.path_params["name"])

    @routes.delete("/{name}")
    @routes.put("/{name}")
    async def change(request: Request) -> Response:
        return PlainTextResponse(request.method)

    return routes


def ask(routes: Routes, method: str, path: str) -> httpx.Response:
    async def asked() -> httpx.Response:
        app = Starlette(routes=routes.served())
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://h") as client:
            return await client.request(method, path)

    return asyncio.run(asked())


def test_each_method_of_a_path_has_its_own_function() -> None:
    assert [ask(made(), method, "/things/a").text for method in ("GET", "PUT", "DELETE")] == ["a", "PUT", "DELETE"]


def test_what_was_named_first_goes_first() -> None:
    assert ask(made(), "GET", "/things/all").text == "all"


@pytest.mark.parametrize("method", ["POST", "HEAD", "OPTIONS"])
def test_other_method_is_refused_with_those_there_are(method: str) -> None:
    answer = ask(made(), method, "/things/a")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "DELETE, GET, PUT")


def test_guard_is_asked_after_the_method_and_before_the_function() -> None:
    def nobody(_request: Request) -> None:
        raise HTTPException(401)

    guarded = made().below("/v1", nobody)

    assert ask(guarded, "GET", "/v1/things/a").status_code == 401
    assert ask(guarded, "POST", "/v1/things/a").status_code == 405
    assert ask(guarded, "GET", "/things/a").status_code == 404


@pytest.mark.parametrize(
    ("query", "number"), [(b"", None), (b"page=1", 1), (b"page=50", 50), (b"page=007", 7), (b"page=1&page=2", 2)]
)
def test_number_is_read(query: bytes, number: int | None) -> None:
    assert PAGE.read(Request({"type": "http", "query_string": query})) == number


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (b"page=", "page must be an integer"),
        (b"page=1.0", "page must be an integer"),
        (b"page=1_0", "page must be an integer"),
        (b"page=%D9%A3", "page must be an integer"),
        (b"page=" + b"9" * 5000, "page must be an integer"),
        (b"page=-3", "page must be 1 or more"),
        (b"page=51", "page must be 50 or less"),
    ],
)
def test_number_that_is_none_or_out_of_bounds_is_refused(query: bytes, message: str) -> None:
    with pytest.raises(InvalidError) as refused:
        PAGE.read(Request({"type": "http", "query_string": query}))
    assert (refused.value.field, str(refused.value)) == ("page", message)
