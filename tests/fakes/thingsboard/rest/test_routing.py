import re

import pytest

from tests.fakes.thingsboard.rest_client import RestClient
from uplab.fakes.messages import Answer, Request
from uplab.fakes.thingsboard.rest.routing import ApiError, Call, Route, Router


def nothing(call: Call) -> Answer:
    return Answer()


ROUTER = Router()
ROUTER.add(
    [
        Route("GET", "/api/device/{id}", nothing),
        Route("POST", "/api/device/credentials", nothing),
        Route("GET", "/api/device/{id}/credentials", nothing),
        Route("GET", "/api/device/info/{id}", nothing),
        Route("GET", "/api/device/types", nothing),
    ]
)


@pytest.mark.parametrize(
    ("path", "template", "ids"),
    [
        ("/api/device/5", "/api/device/{id}", {"id": "5"}),
        ("/api/device/types", "/api/device/types", {}),
        ("/api/device/5/credentials", "/api/device/{id}/credentials", {"id": "5"}),
        ("/api/device/info/5", "/api/device/info/{id}", {"id": "5"}),
    ],
)
def test_literal_path_goes_before_an_open_one(path: str, template: str, ids: dict[str, str]) -> None:
    route, found = ROUTER.find("GET", path)

    assert (route.path, found) == (template, ids)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("PUT", "/api/device/5", 405), ("GET", "/api/other", 404), ("GET", "/api/device/", 404)],
)
def test_unknown_path_and_method_are_told_apart(method: str, path: str, status: int) -> None:
    with pytest.raises(ApiError) as caught:
        ROUTER.find(method, path)

    assert caught.value.status == status


def test_refused_method_tells_those_that_there_are() -> None:
    with pytest.raises(ApiError) as caught:
        ROUTER.find("PATCH", "/api/device/5")

    assert caught.value.allow == ("GET", "DELETE")


def call(url: str, body: bytes = b"", *headers: tuple[str, str]) -> Call:
    return Call(RestClient().rest._board, Request(1, "GET", url, headers, body), {})


def test_numbers_of_the_query_are_checked() -> None:
    assert call("/x?page=3").number("page") == 3
    assert call("/x").number("page", 7) == 7
    with pytest.raises(ApiError, match="Required request parameter 'page'"):
        call("/x").number("page")
    with pytest.raises(ApiError, match="'page': Failed to convert"):
        call("/x?page=a").number("page")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1"])
def test_body_must_be_a_json_object(body: bytes) -> None:
    with pytest.raises(ApiError, match="JSON parse error"):
        call("/x", body).text()


@pytest.mark.parametrize("kind", ["application/json", "application/json;charset=UTF-8", "Application/LD+Json"])
def test_json_says_that_it_is_json(kind: str) -> None:
    assert call("/x", b"{}", ("content-type", kind)).json() == {}


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ((), "application/octet-stream"),
        ((("Content-Type", "text/plain"),), "text/plain"),
        # What curl sends with -d unless it is told otherwise.
        ((("Content-Type", "application/x-www-form-urlencoded"),), "application/x-www-form-urlencoded;charset=UTF-8"),
    ],
)
def test_object_of_another_media_type_is_refused(headers: tuple[tuple[str, str], ...], named: str) -> None:
    with pytest.raises(ApiError, match=re.escape(f"Content-Type '{named}' is not supported")) as caught:
        call("/x", b"{}", *headers).json()

    assert caught.value.status == 415


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/alarm/info/5"),  # a path that ThingsBoard has
        ("DELETE", "/api/device/5"),  # a method of it
        ("GET", "/api/dashboard/serverTime"),  # literal there, and would be taken for an id
    ],
)
def test_what_only_the_real_one_has_is_refused_aloud(method: str, path: str) -> None:
    router = Router()
    router.add([Route("GET", "/api/device/{id}", nothing), Route("GET", "/api/dashboard/{id}", nothing)])

    with pytest.raises(ApiError, match="uplab's fake ThingsBoard does not have") as caught:
        router.find(method, path)

    assert caught.value.status == 501
