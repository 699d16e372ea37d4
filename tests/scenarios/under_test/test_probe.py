from __future__ import annotations

import pytest
from pytest_httpserver import HTTPServer

from uplab.scenarios.under_test.api import ForwarderApi
from uplab.scenarios.under_test.probe import TokenRefusedError, expect_token_taken, probe
from uplab.scenarios.under_test.process import ForwarderStartError


def probed(base: str, *, has_token: bool = False) -> None:
    api = ForwarderApi(base, emit=lambda _hop, _facts: None)
    try:
        probe(api, has_token=has_token)
    finally:
        api.close()


@pytest.mark.parametrize(("status", "body"), [(200, "[]"), (200, '{"content": []}'), (500, "")])
def test_forwarder_that_answers_is_there(httpserver: HTTPServer, status: int, body: str) -> None:
    httpserver.expect_oneshot_request("/iot-flow/v1/connections", method="GET").respond_with_data(body, status=status)

    probed(httpserver.url_for("/iot-flow/v1"))

    httpserver.check_assertions()
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(
    ("base", "why"),
    [
        ("http://127.0.0.1:9/iot-flow/v1", "GET /connections could not be sent: connection refused"),
        ("http://lab:port/iot-flow/v1", "its address is none: Invalid port"),
    ],
)
def test_forwarder_that_is_not_there_is_told_with_its_address(base: str, why: str) -> None:
    with pytest.raises(ForwarderStartError) as caught:
        probed(base)

    said = str(caught.value).splitlines()
    assert said[0].startswith(f"the forwarder cannot be reached: {why}")
    assert said[1] == f"  api       {base}"
    assert "--forwarder-api" in said[2]


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    ("has_token", "words"),
    [(False, "UPLAB_FORWARDER_TOKEN, or UPLAB_FORWARDER_CLIENT_ID"), (True, "was given a token")],
)
def test_lab_that_is_not_let_in_hears_of_tokens(
    httpserver: HTTPServer, status: int, has_token: bool, words: str
) -> None:
    httpserver.expect_request("/iot-flow/v1/connections").respond_with_data("", status=status)

    with pytest.raises(ForwarderStartError) as caught:
        probed(httpserver.url_for("/iot-flow/v1"), has_token=has_token)

    said = str(caught.value)
    assert f"the forwarder does not let this lab in: GET /connections was answered {status}\n" in said
    assert words in said


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (404, "", "404"),
        (405, "", "405"),
        (302, "", "302"),
        (200, "<html>", "200 with text/html"),
        (200, "", "no JSON"),
    ],
)
def test_address_of_something_else_is_told(httpserver: HTTPServer, status: int, body: str, words: str) -> None:
    httpserver.expect_request("/connections").respond_with_data(body, status=status, content_type="text/html")

    with pytest.raises(ForwarderStartError) as caught:
        probed(httpserver.url_for("").rstrip("/"))

    first, _, advice = str(caught.value).splitlines()
    assert first.startswith("the forwarder has no such API there: GET /connections was answered ")
    assert words in first
    assert "/iot-flow/v1" in advice


@pytest.mark.parametrize("status", [401, 403])
def test_token_that_is_not_taken_is_told_with_the_key(status: int) -> None:
    with pytest.raises(TokenRefusedError, match=rf"\({status}\): compare UPLAB_AS_KEY and UPLAB_AS_ID") as caught:
        expect_token_taken(status)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("status", [200, 202, 400, 503, None])
def test_other_answers_tell_nothing_of_the_key(status: int | None) -> None:
    expect_token_taken(status)
