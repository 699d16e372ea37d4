"""What stands before the handlers: curl's habits, proxies' questions, bodies that are too large."""

import pytest

from tests.fakes.thingsboard.rest_client import RestClient
from uplab.fakes.messages import Answer, Request
from uplab.fakes.thingsboard.rest import door

FORM = "application/x-www-form-urlencoded"


@pytest.fixture(name="rest")
def a_client() -> RestClient:
    client = RestClient()
    client.log_in()
    return client


def headers(answer: object) -> dict[str, str]:
    assert isinstance(answer, Answer)
    return dict(answer.headers)


# `curl -d '{"a": 1}'` without a Content-Type sends a form, and Spring makes one of it again.
@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/api/device", 415),
        ("/api/v1/{token}/telemetry", 500),
        ("/api/v1/{token}/attributes", 500),
        ("/api/plugins/telemetry/DEVICE/{id}/timeseries/ANY", 400),
        ("/api/plugins/telemetry/{id}/SERVER_SCOPE", 400),
        ("/api/rpc/oneway/{id}", 400),
    ],
)
def test_json_in_the_guise_of_a_form_is_not_taken(rest: RestClient, url: str, status: int) -> None:
    device = rest.device()
    place = url.format(token=device.credentials.id, id=device.id)

    given = {"X_Authorization": f"Bearer {rest.token}", "Content_Type": FORM}
    assert rest("POST", place, {"a": 1, "method": "on"}, **given)[0] == status
    assert device.series.keys() == []


def test_text_is_taken_for_what_it_says(rest: RestClient) -> None:
    device = rest.device()

    assert rest("POST", f"/api/v1/{device.credentials.id}/telemetry", {"a": 1}, Content_Type="text/plain")[0] == 200
    assert device.series.latest("a") is not None


def test_login_does_not_ask_for_a_media_type(rest: RestClient) -> None:
    body = {"username": "tenant@thingsboard.org", "password": "tenant"}

    assert rest("POST", "/api/auth/login", body, Content_Type=FORM)[0] == 200


def test_head_is_answered_as_get_is(rest: RestClient) -> None:
    path = f"/api/device/{rest.device().id}"

    assert rest("HEAD", path) == rest("GET", path)
    assert rest("HEAD", "/api/auth/logout")[0] == 405


def test_options_tell_the_methods(rest: RestClient) -> None:
    assert headers(rest.send("OPTIONS", f"/api/device/{rest.device().id}"))["Allow"] == "GET, DELETE, HEAD, OPTIONS"
    assert headers(rest.send("OPTIONS", "/api/auth/logout"))["Allow"] == "POST, OPTIONS"
    assert rest("OPTIONS", "/api/nothing")[0] == 404
    assert headers(rest.send("PATCH", "/api/auth/logout"))["Allow"] == "POST"


def test_pages_of_other_origins_are_refused_aloud(rest: RestClient) -> None:
    asked = {"Origin": "https://evil.example", "Access_Control_Request_Method": "GET"}

    assert rest("OPTIONS", "/api/device/1", **asked)[0] == 501


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/tenant/assets", 401),
        ("GET", "/api/unknown", 401),
        ("POST", "/api/device", 401),
        ("GET", "/api/noauth/userPasswordPolicy", 501),
        ("POST", "/api/v1/none/telemetry", 401),
    ],
)
def test_who_is_nobody_is_told_so_before_anything_else(method: str, path: str, status: int) -> None:
    assert RestClient()(method, path)[0] == status


@pytest.mark.parametrize(
    ("path", "size", "limit"),
    [
        ("/api/v1/token/rpc", 65_537, 65_536),
        ("/api/v1/token/telemetry", 16_777_217, 16_777_216),
        ("/api/device", 16_777_217, 16_777_216),
    ],
)
def test_body_that_is_too_large_is_refused(rest: RestClient, path: str, size: int, limit: int) -> None:
    found = rest.rest.handle(Request(1, "POST", path, (), b"x", size))

    assert isinstance(found, Answer)
    assert (found.status, found.body) == (413, f'"Payload size exceeds the limit of {limit} bytes"'.encode())


def test_body_of_which_a_part_was_kept_is_not_taken_for_the_whole(rest: RestClient) -> None:
    found = rest.rest.handle(Request(1, "POST", "/api/v1/token/telemetry", (), b"{}", 16_000_001))

    assert isinstance(found, Answer)
    assert found.status == 501


def test_form_keeps_what_it_says() -> None:
    request = Request(
        1, "POST", "/api/v1/x/telemetry", (("content-type", f"{FORM}; charset=utf-8"),), b"a=1&b=%20c", 10
    )

    assert door.as_read(request).body == b"a=1&b=+c"
