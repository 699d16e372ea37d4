"""Conversations over REST: who gets in, and what an error looks like."""

from typing import Any

import pytest

from tests.fakes.thingsboard.conversation import NOW_MS
from tests.fakes.thingsboard.rest_client import RestClient


@pytest.fixture(name="rest")
def a_client() -> RestClient:
    return RestClient()


def error(status: int, code: int, message: str) -> tuple[int, dict[str, Any]]:
    return status, {"status": status, "message": message, "errorCode": code, "timestamp": NOW_MS}


LOGIN = "/api/auth/login"


@pytest.mark.parametrize("name", ["sysadmin", "tenant", "customer"])
def test_demo_accounts_log_in(rest: RestClient, name: str) -> None:
    pair = rest.log_in(f"{name}@thingsboard.org", name)

    assert set(pair) == {"token", "refreshToken"}
    status, me = rest("GET", "/api/auth/user")
    assert (status, me["email"]) == (200, f"{name}@thingsboard.org")
    assert "password" not in str(me).lower()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"username": "tenant@thingsboard.org", "password": "wrong"}, "Invalid username or password"),
        ({"username": "unknown@x.org", "password": "tenant"}, "Invalid username or password"),
        ({"username": "", "password": "tenant"}, "Authentication failed"),
        ({"username": "tenant@thingsboard.org"}, "Authentication failed"),
        ({"username": "tenant@thingsboard.org", "password": 5}, "Authentication failed"),
        (b"{", "Authentication failed"),
        (b"[]", "Authentication failed"),
    ],
)
def test_bad_login_is_refused(rest: RestClient, body: Any, message: str) -> None:
    assert rest("POST", LOGIN, body) == error(401, 10, message)


def test_locked_and_disabled_accounts_are_told_apart(rest: RestClient) -> None:
    user = rest.state.users["tenant@thingsboard.org"]
    body = {"username": user.email, "password": "tenant"}

    user.enabled = False
    assert rest("POST", LOGIN, body) == error(401, 10, "User account is not active")
    user.locked = True
    assert rest("POST", LOGIN, body) == error(401, 10, "User account is locked due to security policy")


def test_login_wants_post(rest: RestClient) -> None:
    assert rest("GET", LOGIN) == error(401, 10, "Authentication method not supported")


@pytest.mark.parametrize("header", ["X_Authorization", "Authorization"])
def test_both_headers_carry_the_token(rest: RestClient, header: str) -> None:
    token = rest.log_in()["token"]

    assert rest("GET", "/api/auth/user", **{header: f"Bearer {token}"})[0] == 200


@pytest.mark.parametrize("value", ["", "Bearer", "Basic abc", "token"])
def test_no_token_is_no_authentication(rest: RestClient, value: str) -> None:
    assert rest("GET", "/api/auth/user", Authorization=value) == error(401, 10, "Authentication failed")


def test_unreadable_token_is_refused(rest: RestClient) -> None:
    assert rest("GET", "/api/auth/user", Authorization="Bearer x") == error(401, 10, "Invalid username or password")


def test_expired_session_is_renewed_by_its_refresh_token(rest: RestClient) -> None:
    pair = rest.log_in()
    rest.tokens.expire()
    assert rest("GET", "/api/auth/user") == error(401, 11, "Token has expired")

    status, renewed = rest("POST", "/api/auth/token", {"refreshToken": pair["refreshToken"]})

    rest.token = renewed["token"]
    assert status == 200
    assert rest("GET", "/api/auth/user")[0] == 200


@pytest.mark.parametrize("body", [{}, {"refreshToken": 5}, {"refreshToken": "x"}])
def test_bad_refresh_is_refused(rest: RestClient, body: Any) -> None:
    status, answer = rest("POST", "/api/auth/token", body)

    assert (status, answer["errorCode"]) == (401, 10)


def test_access_token_renews_nothing(rest: RestClient) -> None:
    assert rest("POST", "/api/auth/token", {"refreshToken": rest.log_in()["token"]})[0] == 401


def test_role_decides_what_may_be_done(rest: RestClient) -> None:
    rest.log_in("sysadmin@thingsboard.org", "sysadmin")

    assert rest("GET", "/api/tenant/devices?pageSize=1&page=0") == error(
        403, 20, "You don't have permission to perform this operation!"
    )


def test_unknown_path_has_the_form_of_an_error(rest: RestClient) -> None:
    assert rest("GET", "/api/unknown") == error(401, 10, "Authentication failed")
    rest.log_in()
    assert rest("GET", "/api/unknown") == error(404, 32, "No static resource api/unknown.")
    assert rest("DELETE", LOGIN) == error(405, 31, "Request method 'DELETE' is not supported")
