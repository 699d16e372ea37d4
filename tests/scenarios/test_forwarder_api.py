from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pytest_httpserver import HTTPServer

from scenarios.forwarder_api import ForwarderApi

Lines = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def lines() -> Lines:
    return []


@pytest.fixture
def api(httpserver: HTTPServer, lines: Lines) -> Iterator[ForwarderApi]:
    api = ForwarderApi(httpserver.url_for("/iot-flow/v1"), emit=lambda hop, facts: lines.append((hop, facts)))
    yield api
    api.close()


@pytest.mark.parametrize(
    ("call", "method", "path"),
    [
        (lambda api: api.create({"name": "x"}), "POST", "/connections"),
        (lambda api: api.get("8"), "GET", "/connections/8"),
        (lambda api: api.replace("8", {"name": "x"}), "PUT", "/connections/8"),
        (lambda api: api.delete("8"), "DELETE", "/connections/8"),
        (lambda api: api.request("POST", "/flows", {"name": "x"}), "POST", "/flows"),
    ],
)
def test_call_goes_to_its_place(httpserver: HTTPServer, api: ForwarderApi, call: Any, method: str, path: str) -> None:
    httpserver.expect_oneshot_request(f"/iot-flow/v1{path}", method=method).respond_with_json({"id": "8"}, status=201)

    answer = call(api)

    assert (answer.status_code, answer.json()) == (201, {"id": "8"})
    request = httpserver.log[0][0]
    assert request.get_json() == {"name": "x"} if method in ("POST", "PUT") else request.data == b""


def test_request_and_answer_are_lines_of_the_history(httpserver: HTTPServer, api: ForwarderApi, lines: Lines) -> None:
    httpserver.expect_request("/iot-flow/v1/connections").respond_with_data(b"\xff no JSON", status=400)

    api.create({"name": "x"})

    assert lines == [
        ("api.asked", {"method": "POST", "path": "/connections", "raw": b'{"name":"x"}'}),
        ("api.answered", {"method": "POST", "path": "/connections", "status": 400, "raw": b"\xff no JSON"}),
    ]


def test_bytes_are_sent_as_they_are(httpserver: HTTPServer, api: ForwarderApi) -> None:
    httpserver.expect_request("/iot-flow/v1/connections").respond_with_data(b"")

    api.request("POST", "/connections", content=b"{connectorId:")

    request = httpserver.log[0][0]
    assert (request.data, request.headers["Content-Type"]) == (b"{connectorId:", "application/json")


def test_falsy_body_is_a_body(httpserver: HTTPServer, api: ForwarderApi) -> None:
    httpserver.expect_request("/iot-flow/v1/connections").respond_with_data(b"")

    api.create([])

    assert httpserver.log[0][0].data == b"[]"


def test_token_goes_with_each_request_and_into_no_line(httpserver: HTTPServer, lines: Lines) -> None:
    httpserver.expect_request("/iot-flow/v1/connections").respond_with_json([])
    base = httpserver.url_for("/iot-flow/v1")

    api = ForwarderApi(base, emit=lambda hop, facts: lines.append((hop, facts)), token="my-token")
    api.request("GET", "/connections")
    api.close()

    assert httpserver.log[0][0].headers["Authorization"] == "Bearer my-token"
    assert "my-token" not in str(lines)


def test_open_api_gets_no_authorization(httpserver: HTTPServer, api: ForwarderApi) -> None:
    httpserver.expect_request("/iot-flow/v1/connections").respond_with_json([])

    api.request("GET", "/connections")

    assert "Authorization" not in httpserver.log[0][0].headers


def test_forwarder_that_does_not_answer_is_said_with_its_question(lines: Lines) -> None:
    api = ForwarderApi("http://127.0.0.1:9/iot-flow/v1", emit=lambda hop, facts: lines.append((hop, facts)))

    with pytest.raises(httpx.ConnectError):
        api.get("8")
    api.close()

    assert [hop for hop, _ in lines] == ["api.asked"]
