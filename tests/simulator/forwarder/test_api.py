"""The API as a whole: its description, its refusals, and its OAuth mode."""

from pathlib import Path

import httpx
import pytest

from tests.simulator.forwarder.making import HTTP_EXAMPLE
from tests.simulator.forwarder.process import Forwarder


def test_description_lists_every_resource(forwarder: Forwarder) -> None:
    paths = forwarder.call("GET", "/openapi.json").json()["paths"]

    for path in ("/connections", "/connections/{connection_id}", "/flows", "/connectors", "/events", "/oauth/token"):
        assert f"/iot-flow/v1{path}" in paths
    assert "/iot-flow/downlinkMessages/{uuid}" in paths


def test_swagger_page_is_where_the_product_has_it(forwarder: Forwarder) -> None:
    assert "swagger" in forwarder.call("GET", "/swagger-ui.html").text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/connections/999", 404),
        ("GET", "/connections/x", 404),
        ("GET", "/connections/%00", 404),
        ("PUT", "/connections", 405),
        ("DELETE", "/connections", 405),
        ("PATCH", "/connections/1", 405),
        ("PUT", "/flows", 405),
        ("DELETE", "/flows/999", 404),
        ("GET", "/connectors/none", 404),
        ("GET", "/connections?page=0", 400),
        ("GET", "/connections?perPage=101", 400),
        ("GET", "/events?connectionId=x", 400),
    ],
)
def test_refusal_has_code_and_message(forwarder: Forwarder, method: str, path: str, status: int) -> None:
    answer = forwarder.call(method, path)

    assert answer.status_code == status
    assert answer.json()["code"] == f"com-{4000 + status % 100}"
    assert answer.json()["message"]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_method_that_needs_an_id_says_so_and_changes_nothing(forwarder: Forwarder, method: str) -> None:
    connection = forwarder.create("http://127.0.0.1:1/")
    answer = forwarder.call(method, "/connections", json=HTTP_EXAMPLE)

    assert answer.status_code == 405
    assert "needs the id" in answer.json()["message"]
    assert forwarder.show(connection)["name"] == HTTP_EXAMPLE["name"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"\xff", b"null", b"[" * 100_000])
@pytest.mark.parametrize("path", ["/connections", "/flows"])
def test_body_that_is_no_object_is_refused(forwarder: Forwarder, path: str, body: bytes) -> None:
    assert forwarder.call("POST", path, content=body).status_code == 400
    assert forwarder.call("GET", path).json() == []


def test_huge_body_is_refused(forwarder: Forwarder) -> None:
    answer = forwarder.call("POST", "/connections", content=b'{"name":"' + b"x" * 1_000_001)
    assert answer.status_code == 413


def test_guarded_api_needs_a_token(tmp_path: Path) -> None:
    variables = {"UPLAB_FORWARDER_CLIENT_ID": "drei-api/me", "UPLAB_FORWARDER_CLIENT_SECRET": "secret"}
    with Forwarder(tmp_path, **variables) as forwarder:
        refused = forwarder.call("GET", "/connections")
        assert (refused.status_code, refused.json()["code"]) == (401, "com-4001")

        form = {"grant_type": "client_credentials", "client_id": "drei-api/me", "client_secret": "secret"}
        token = forwarder.call("POST", "/oauth/token", data=form).raise_for_status().json()
        basic = httpx.BasicAuth("drei-api/me", "secret")
        assert forwarder.call("POST", "/oauth/token", data={"grant_type": form["grant_type"]}, auth=basic).is_success
        assert forwarder.call("POST", "/oauth/token", data=form | {"client_secret": "x"}).status_code == 401
        assert forwarder.call("POST", "/oauth/token", data={"grant_type": "password"}).status_code == 400

        forwarder.client.headers["Authorization"] = f"Bearer {token['access_token']}"
        assert forwarder.call("GET", "/connections").json() == []
        own = forwarder.ready["api"].removesuffix("/v1")
        assert forwarder.client.get(f"{own}/").status_code == 404  # the pages have no login


def test_open_api_gives_a_token_to_clients_that_insist(forwarder: Forwarder) -> None:
    answer = forwarder.call("POST", "/oauth/token", data={"grant_type": "client_credentials"})
    assert answer.json()["token_type"] == "bearer"
