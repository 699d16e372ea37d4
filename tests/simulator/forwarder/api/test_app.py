"""The API as a whole: its description, its refusals, and its OAuth mode."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import orjson
import pytest

from tests.simulator.forwarder.making import HTTP_EXAMPLE
from tests.simulator.forwarder.process import Forwarder


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forwarder]:
    """A forwarder whose API lets one client in."""
    variables = {"UPLAB_FORWARDER_CLIENT_ID": "drei-api/me", "UPLAB_FORWARDER_CLIENT_SECRET": "secret"}
    with Forwarder(tmp_path_factory.mktemp("guarded"), **variables) as forwarder:
        yield forwarder


def test_description_lists_every_resource(forwarder: Forwarder) -> None:
    paths = forwarder.call("GET", "/openapi.json").json()["paths"]

    for path in ("/connections", "/connections/{connection_id}", "/flows", "/connectors", "/events", "/oauth/token"):
        assert f"/iot-flow/v1{path}" in paths
    assert "/iot-flow/downlinkMessages/{uuid}" in paths


def test_swagger_page_is_where_the_product_has_it(forwarder: Forwarder) -> None:
    assert "swagger" in forwarder.call("GET", "/swagger-ui.html").text


def test_swagger_page_needs_no_other_host(forwarder: Forwarder) -> None:
    page = forwarder.call("GET", "/swagger-ui.html").text
    parts = re.findall(r'(?:src|href)="([^"]+)"', page)

    assert any(part.endswith(".js") for part in parts)
    assert any(part.endswith(".css") for part in parts)
    for part in parts:
        assert part.startswith("/iot-flow/v1/"), part
        assert forwarder.client.get(urljoin(forwarder.ready["api"], part)).status_code == 200


FROM_ELSEWHERE = [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]


@pytest.mark.parametrize("headers", FROM_ELSEWHERE, ids=["origin", "fetch-metadata", "no-origin"])
@pytest.mark.parametrize("path", ["/connections", "/flows"])
def test_page_of_another_site_changes_nothing(forwarder: Forwarder, path: str, headers: dict[str, str]) -> None:
    before = forwarder.call("GET", path).json()

    answer = forwarder.call("POST", path, content=orjson.dumps(HTTP_EXAMPLE), headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (403, "com-4003")
    assert forwarder.call("GET", path, headers=headers).json() == before


def test_page_of_our_own_may_post(forwarder: Forwarder) -> None:
    own = {"Origin": forwarder.ready["api"].partition("/iot-flow")[0], "Sec-Fetch-Site": "same-origin"}
    assert forwarder.call("POST", "/connections", json=HTTP_EXAMPLE, headers=own).status_code == 201


def test_token_is_enough_wherever_the_request_comes_from(guarded: Forwarder) -> None:
    client = {"grant_type": "client_credentials", "client_id": "drei-api/me", "client_secret": "secret"}
    token = guarded.call("POST", "/oauth/token", data=client).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Origin": "https://console.example"}

    assert guarded.call("POST", "/connections", json=HTTP_EXAMPLE, headers=headers).status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/connections/999", 404),
        ("GET", "/connections/x", 404),
        ("GET", "/connections/%00", 404),
        ("GET", f"/connections/{'9' * 5000}", 404),
        ("PUT", f"/connections/{'9' * 5000}", 404),
        ("DELETE", f"/connections/{'9' * 5000}", 404),
        ("GET", f"/connections/{'9' * 5000}/events", 404),
        ("GET", f"/connections/{'9' * 5000}/metrics", 404),
        ("GET", f"/flows/{'9' * 5000}", 404),
        ("PUT", f"/flows/{'9' * 5000}", 404),
        ("DELETE", f"/flows/{'9' * 5000}", 404),
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


@pytest.mark.parametrize("path", ["/connections", "/connections/{}", "/connections/{}/events", "/flows", "/flows/{}"])
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PATCH", "TRACE"])
def test_method_that_no_page_names_is_refused_with_those_there_are(
    forwarder: Forwarder, method: str, path: str
) -> None:
    answer = forwarder.call(method, path.format(1))

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_id_has_one_spelling(forwarder: Forwarder) -> None:
    connection = forwarder.create("http://127.0.0.1:1/")
    flow = forwarder.bind(connection)

    for path in (f"/connections/0{connection}", f"/flows/0{flow}", f"/connections/{connection}%00"):
        assert forwarder.call("GET", path).status_code == 404
    assert forwarder.call("GET", f"/connections/%3{connection[0]}{connection[1:]}").json()["id"] == connection


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("page=0", "page must be 1 or more"),
        ("page=-1", "page must be 1 or more"),
        ("page=1000001", "page must be 1000000 or less"),
        (f"page=1{'0' * 30}", "page must be 1000000 or less"),
        (f"page={'9' * 5000}", "page must be an integer"),
        ("page=", "page must be an integer"),
        ("page=x", "page must be an integer"),
        ("page=%D9%A3", "page must be an integer"),
        ("perPage=0", "perPage must be 1 or more"),
        ("perPage=101", "perPage must be 100 or less"),
    ],
)
@pytest.mark.parametrize("path", ["/connections", "/flows", "/events", "/connectors"])
def test_wrong_page_is_explained(forwarder: Forwarder, path: str, query: str, message: str) -> None:
    answer = forwarder.call("GET", f"{path}?{query}")

    assert answer.status_code == 400
    assert (answer.json()["field"], answer.json()["message"]) == (query.partition("=")[0], message)


@pytest.mark.parametrize(
    "body",
    [
        b'\xef\xbb\xbf{"name": "x"}',
        '{"name": "x"}'.encode("utf-16"),
        b'{"name": "\xff"}',
        b'{"name": "\\ud800"}',
        b'{"name": NaN}',
        b'{"name": Infinity}',
        b'{"name": -1e999}',
        b'{"name": 1,}',
        b"{'name': 1}",
        b'{"a":' * 100_000,
        b'{"a":' * 900 + b"1" + b"}" * 900,
    ],
    ids=range(11),
)
@pytest.mark.parametrize("path", ["/connections", "/flows"])
def test_body_that_is_no_plain_json_is_refused(forwarder: Forwarder, path: str, body: bytes) -> None:
    answer = forwarder.call("POST", path, content=body)

    assert (answer.status_code, answer.json()["code"]) == (400, "com-4000")
    assert len(answer.text) < 500


@pytest.mark.parametrize("path", ["/connections", "/flows"])
def test_ten_megabytes_are_refused(forwarder: Forwarder, path: str) -> None:
    answer = forwarder.call("POST", path, content=b'{"name":"' + b"x" * 10_000_000 + b'"}')

    assert (answer.status_code, answer.json()["message"]) == (413, "the body is larger than 1000000 bytes")


def test_sender_that_hangs_up_leaves_no_trace_in_the_log(forwarder: Forwarder) -> None:
    own = urlsplit(forwarder.ready["api"])
    for _ in range(3):
        with socket.create_connection((str(own.hostname), int(own.port or 0))) as link:
            link.sendall(b"POST /iot-flow/v1/connections HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    forwarder.create("http://127.0.0.1:1/")

    assert '"level":"error"' not in forwarder.log


def test_description_of_a_guarded_api_says_where_tokens_come_from(guarded: Forwarder) -> None:
    description = guarded.call("GET", "/openapi.json").json()

    (scheme,) = description["components"]["securitySchemes"].values()
    assert scheme["flows"]["clientCredentials"]["tokenUrl"] == "/iot-flow/v1/oauth/token"
    for path, operations in description["paths"].items():
        secured = path.startswith("/iot-flow/v1/") and "/oauth/" not in path
        assert all(("security" in operation) is secured for operation in operations.values()), path


def test_description_of_an_open_api_asks_for_no_token(forwarder: Forwarder) -> None:
    assert "securitySchemes" not in forwarder.call("GET", "/openapi.json").json().get("components", {})


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x", "Bearer a.b.c", "Basic eDp5", "Bearer \u00e9"])
def test_wrong_token_is_refused_before_anything_else(guarded: Forwarder, authorization: str) -> None:
    for method, path in (
        *(("GET", "/connections?page=0"), ("POST", "/connections"), ("PUT", "/connections/1"), ("DELETE", "/flows/x")),
        *(("GET", "/connectors"), ("GET", "/events"), ("GET", "/connections/1/metrics"), ("POST", "/flows")),
    ):
        answer = guarded.call(method, path, headers={"Authorization": authorization.encode("latin-1")})
        assert (answer.status_code, answer.json()["code"]) == (401, "com-4001"), path
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_token_is_also_given_where_the_swagger_client_asks(guarded: Forwarder) -> None:
    form = {"grant_type": "client_credentials"}
    answer = guarded.call("POST", "/oauth/tokenSwagger", data=form, auth=httpx.BasicAuth("drei-api/me", "secret"))

    token = answer.raise_for_status().json()["access_token"]
    assert guarded.call("GET", "/flows", headers={"Authorization": f"Bearer {token}"}).json() == []
