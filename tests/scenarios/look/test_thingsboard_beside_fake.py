from __future__ import annotations

import ssl
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import trustme
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from uplab.fakes.thingsboard.server import ThingsBoardServer
from uplab.scenarios.lab.loop import LoopThread
from uplab.scenarios.look.thingsboard_beside_fake import differences, shape
from uplab.scenarios.under_test.access.real_account import DEMO, RealAccount


def said_of(url: str, loop: LoopThread, password: str = DEMO["password"]) -> list[str]:
    account = RealAccount(url, ("127.0.0.1", 1, False), DEMO["username"], password)
    lab: Any = SimpleNamespace(loop=loop, options=SimpleNamespace(thingsboard=account))
    return differences(lab)


@pytest.fixture(scope="module")
def loop() -> Any:
    loop = LoopThread()
    yield loop
    loop.stop()


def test_another_fake_answers_alike(loop: LoopThread) -> None:
    other = ThingsBoardServer()
    url = f"http://127.0.0.1:{loop.run(other.listen('127.0.0.1', 0))}"
    try:
        assert said_of(url, loop) == []
        assert said_of(url, loop, "another") == [
            f"the ThingsBoard at {url} takes no login of that user: give a tenant administrator's"
        ]
    finally:
        loop.run(other.stop())


# The lab hands everything on by what this machine trusts; the look at the same server must not trust less.
def test_authority_of_this_machine_is_enough(loop: LoopThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    other = ThingsBoardServer()
    url = f"https://localhost:{loop.run(other.listen('127.0.0.1', 0, tls))}"
    try:
        assert "certificate verify failed" in said_of(url, loop)[0]
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        assert said_of(url, loop) == []
    finally:
        loop.run(other.stop())


def test_each_difference_is_a_line(loop: LoopThread, httpserver: HTTPServer) -> None:
    def answer(request: Request) -> Response:
        if request.path == "/api/auth/login" and (request.json or {}).get("password") == DEMO["password"]:
            return Response('{"token": "t"}', content_type="application/json")
        if request.path == "/api/device/types":
            return Response('[{"tenantId": 1, "more": "x"}]', content_type="application/json")
        return Response("out of order", 503)

    httpserver.expect_request("").respond_with_handler(answer)
    for path in ("/api/auth/login", "/api/device/types"):
        httpserver.expect_request(path).respond_with_handler(answer)
    said = said_of(httpserver.url_for("").rstrip("/"), loop)
    assert "ThingsBoard answers 200 to GET /api/device/types, and the fake 200" in said
    assert any(line.startswith("ThingsBoard answers ") and "without a token" in line for line in said)
    assert all("\n" not in line for line in said)


def test_who_does_not_answer_is_one_line(loop: LoopThread) -> None:
    (line,) = said_of("http://127.0.0.1:1", loop)
    assert line.startswith("the ThingsBoard at http://127.0.0.1:1 could not be laid beside the fake: ")


def test_shape_is_names_and_types() -> None:
    assert shape({"b": [1, "x"], "a": None, "c": True}) == {"a": "nothing", "b": ["number"], "c": "true or false"}
    assert shape({"a": {"b": {"c": {"d": 1}}}}) == {"a": {"b": {"c": "object"}}}
    assert shape([]) == []
