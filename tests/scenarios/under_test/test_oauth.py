from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from uplab.scenarios.history import secrets
from uplab.scenarios.history.secrets import found_in, redact
from uplab.scenarios.under_test.oauth import OAuthError, fetch_token
from uplab.scenarios.under_test.profile import load_profile
from uplab.scenarios.under_test.target import RunOptions

SECRET = "my-client-secret"


@pytest.fixture(autouse=True)
def forgotten_secrets() -> Iterator[None]:
    yield
    secrets._foreign.clear()


def options(**more: Any) -> RunOptions:
    return RunOptions(seed=7, profile=load_profile(None), command=None, **more)


def client_of(httpserver: HTTPServer, **more: Any) -> RunOptions:
    given = {"oauth_client": "uplab", "oauth_secret": SECRET, "oauth_url": httpserver.url_for("/oauth/token")}
    return options(**{**given, **more})


def test_open_api_needs_no_token() -> None:
    assert fetch_token(options()) is None


def test_given_token_is_used_as_it_is(httpserver: HTTPServer) -> None:
    assert fetch_token(client_of(httpserver, api_token="my-own-token")) == "my-own-token"
    assert httpserver.log == []


def test_token_is_fetched_by_client_credentials(httpserver: HTTPServer) -> None:
    httpserver.expect_oneshot_request(
        "/oauth/token",
        method="POST",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        data=f"grant_type=client_credentials&client_id=uplab&client_secret={SECRET}",
    ).respond_with_json({"access_token": "fresh-token", "token_type": "Bearer"})

    assert fetch_token(client_of(httpserver)) == "fresh-token"
    httpserver.check_assertions()


def test_endpoint_stands_beside_the_api_unless_named(httpserver: HTTPServer) -> None:
    httpserver.expect_oneshot_request("/oauth/token", method="POST").respond_with_json({"access_token": "t-o-k-e-n"})

    given = client_of(httpserver, oauth_url=None, api=httpserver.url_for("/iot-flow/v1"))

    assert fetch_token(given) == "t-o-k-e-n"


def test_forwarder_that_the_lab_started_gives_it_below_its_api(httpserver: HTTPServer) -> None:
    httpserver.expect_oneshot_request("/iot-flow/v1/oauth/token").respond_with_json({"access_token": "t-o-k-e-n"})

    assert fetch_token(client_of(httpserver, oauth_url=None), api=httpserver.url_for("/iot-flow/v1")) == "t-o-k-e-n"


def test_every_secret_is_redacted_from_then_on(httpserver: HTTPServer) -> None:
    httpserver.expect_oneshot_request("/oauth/token").respond_with_json({"access_token": "fresh-token"})

    fetch_token(client_of(httpserver, as_key="my-tunnel-key"))

    for secret in ("fresh-token", SECRET, "my-tunnel-key"):
        assert secret.encode() not in redact(f"Bearer {secret}".encode())
    assert found_in("fresh-token") == ["the fetched token"]


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, b'{"error": "invalid_client"}', "it answered 401"),
        (200, b"<html>log in</html>", "JSONDecodeError"),
        (200, b'["token"]', "AttributeError"),
        (200, b'{"token": "x"}', "it answered 200"),
        (200, b'{"access_token": 5}', "it answered 200"),
        (302, b"", "it answered 302"),
    ],
)
def test_answer_without_a_token_is_said(httpserver: HTTPServer, status: int, body: bytes, words: str) -> None:
    httpserver.expect_oneshot_request("/oauth/token").respond_with_data(body, status=status)

    with pytest.raises(OAuthError) as caught:
        fetch_token(client_of(httpserver))

    assert str(caught.value) == f"no token from {httpserver.url_for('/oauth/token')}: {words}"


def test_endpoint_that_nobody_answers_is_said() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/oauth/token"
        with pytest.raises(OAuthError, match=rf"^no token from {url}: ConnectError \[Errno \d+\] Connection refused$"):
            fetch_token(options(oauth_client="uplab", oauth_secret=SECRET, oauth_url=url))


@pytest.mark.parametrize("url", ["nonsense", "http://[bad", "ftp://x/token"])
def test_address_that_is_none_is_said(url: str) -> None:
    with pytest.raises(OAuthError) as caught:
        fetch_token(options(oauth_client="uplab", oauth_secret=SECRET, oauth_url=url))

    assert str(caught.value).startswith(f"no token from {url}: ")
    assert SECRET not in str(caught.value)


def test_token_that_is_part_of_words_is_refused_unshown(httpserver: HTTPServer) -> None:
    httpserver.expect_oneshot_request("/oauth/token").respond_with_json({"access_token": "SECRE"})

    with pytest.raises(OAuthError, match=r"fewer than 8 characters$") as caught:
        fetch_token(client_of(httpserver))

    assert "SECRE" not in str(caught.value)
