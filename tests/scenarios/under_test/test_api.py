from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from uplab.scenarios.checks.verdict import CheckFailed, Verdict
from uplab.scenarios.under_test.access.pace import TooManyError
from uplab.scenarios.under_test.api import ForwarderApi

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
    httpserver.expect_request("/iot-flow/v1/connections").respond_with_data(
        b"\xff no JSON", status=400, headers={"X-Told": "by the way"}
    )

    api.create({"name": "x"})

    headers = lines[-1][1].pop("headers")
    assert lines == [
        ("api.asked", {"method": "POST", "path": "/connections", "raw": b'{"name":"x"}'}),
        ("api.answered", {"method": "POST", "path": "/connections", "status": 400, "raw": b"\xff no JSON"}),
    ]
    assert ("x-told", "by the way") in headers


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


@pytest.fixture
def mute() -> Iterator[socket.socket]:
    """A port that takes connections, and answers nothing by itself."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def ask(server: socket.socket | int, lines: Lines, *, timeout_s: float = 10.0) -> Verdict:
    port = server if isinstance(server, int) else server.getsockname()[1]
    base = f"http://127.0.0.1:{port}/iot-flow/v1"
    api = ForwarderApi(base, emit=lambda hop, facts: lines.append((hop, facts)), timeout_s=timeout_s)
    with pytest.raises(CheckFailed) as caught:
        api.request("POST", "/flows", {})
    api.close()
    assert caught.value.__suppress_context__
    assert [hop for hop, _ in lines] == ["api.asked"]
    assert caught.value.verdict is not None
    assert str(caught.value) == caught.value.verdict.text()
    return caught.value.verdict


def test_forwarder_that_is_not_there_is_said_with_its_question(mute: socket.socket, lines: Lines) -> None:
    port = mute.getsockname()[1]
    mute.close()

    verdict = ask(port, lines)

    assert verdict.happened == "POST /flows could not be sent: connection refused"
    assert (verdict.outcome, verdict.hop) == ("failed", "forwarder")
    assert "the forwarder's log" in str(verdict.advice)


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_connection_that_is_closed_without_an_answer_is_said(mute: socket.socket, lines: Lines, reset: bool) -> None:
    def cut() -> None:
        taken, _ = mute.accept()
        taken.recv(65536)
        if reset:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        taken.close()

    cutting = threading.Thread(target=cut)
    cutting.start()
    verdict = ask(mute, lines)
    cutting.join()

    assert verdict.happened == "POST /flows was cut off without an answer"


def test_answer_that_does_not_come_is_said(mute: socket.socket, lines: Lines) -> None:
    assert ask(mute, lines, timeout_s=0.2).happened == "POST /flows was not answered within 0.2 s"


def test_answer_that_is_no_http_is_said(mute: socket.socket, lines: Lines) -> None:
    def babble() -> None:
        taken, _ = mute.accept()
        taken.recv(65536)
        taken.sendall(b"FATAL\r\n\r\n")
        taken.close()

    babbling = threading.Thread(target=babble)
    babbling.start()
    verdict = ask(mute, lines)
    babbling.join()

    assert verdict.happened.startswith("POST /flows got no HTTP answer: ")


@pytest.mark.parametrize("link", ["/iot-flow/v1/connections?page={}", "?page={}"])
def test_list_is_read_page_by_page(httpserver: HTTPServer, api: ForwarderApi, link: str) -> None:
    def answer(request: Request) -> Response:
        page = int(request.args.get("page", 1))
        headers = {"Link": f'<{link.format(page + 1)}>; rel="next"'} if page < 3 else {}
        return Response(json.dumps([{"id": str(page)}]), headers=headers)

    httpserver.expect_request("/iot-flow/v1/connections").respond_with_handler(answer)

    assert [one["id"] for one in api.listed()] == ["1", "2", "3"]


@pytest.mark.parametrize(
    "link", ["<?page=1>", "<http://elsewhere.example/connections?page=2>", "<../flows?page=2>", "<>"]
)
def test_list_ends_where_a_next_page_is_none_of_it(httpserver: HTTPServer, api: ForwarderApi, link: str) -> None:
    answer = Response("[]", headers={"Link": f'{link}; rel="next"'})
    httpserver.expect_request("/iot-flow/v1/connections").respond_with_response(answer)

    assert api.listed() == []
    assert len(httpserver.log) <= 2


def leading(id_: str, place: str) -> dict[str, Any]:
    return {"id": id_, "name": "one", "configuration": {"destinationURL": f"http://{place}/bin"}}


def test_on_a_shared_account_only_what_this_run_has_asked_for_is_its_own(httpserver: HTTPServer) -> None:
    ours, theirs, known = leading("1", "192.0.2.1"), leading("2", "192.0.2.2"), {"id": "3", "name": "bare"}
    httpserver.expect_request("/connections", method="GET").respond_with_json([ours, theirs, known])
    httpserver.expect_request("/connections", method="POST").respond_with_json(known, status=201)
    base = httpserver.url_for("").rstrip("/")
    alone, shared = (ForwarderApi(base, emit=lambda _hop, _facts: None, shared=one) for one in (False, True))

    shared.create(leading("", "192.0.2.1"))

    assert shared.own() == [ours, known]
    assert alone.own() == [ours, theirs, known]


def test_limit_of_a_shared_account_that_is_met_proves_nothing(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/connections").respond_with_data("", status=429)
    base = httpserver.url_for("").rstrip("/")
    alone, shared = (ForwarderApi(base, emit=lambda _hop, _facts: None, shared=one) for one in (False, True))

    assert alone.create({}).status_code == 429
    assert shared.request("DELETE", "/connections").status_code == 429, "what is left is told at the end"
    with pytest.raises(TooManyError, match="the API asks for less"):
        shared.create({})
