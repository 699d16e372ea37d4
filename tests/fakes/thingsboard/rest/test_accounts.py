"""Conversations over REST: who may log in, until when, and by what else than a password."""

from typing import Any

import pytest

from tests.fakes.thingsboard.rest_client import RestClient
from uplab.fakes.mqtt import packets as p

LOGIN = "/api/auth/login"
RIGHT = {"username": "tenant@thingsboard.org", "password": "tenant"}
WRONG = {**RIGHT, "password": "wrong"}
ADMIN = ("sysadmin@thingsboard.org", "sysadmin")


@pytest.fixture(name="rest")
def a_client() -> RestClient:
    return RestClient()


def told(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["message"]


# --- lock-out and disabled accounts ---------------------------------------------------------------------------------


def test_one_wrong_password_too_many_locks_the_account(rest: RestClient) -> None:
    rest.state.max_failed_logins = 2

    answers = [told(rest("POST", LOGIN, WRONG)) for _ in range(3)]

    assert [message for _, message in answers] == [
        "Invalid username or password",
        "Invalid username or password",
        "User account is locked due to security policy",
    ]
    assert told(rest("POST", LOGIN, RIGHT)) == (401, "User account is not active")


def test_right_password_forgives_the_wrong_ones(rest: RestClient) -> None:
    rest.state.max_failed_logins = 2
    for _ in range(3):
        rest("POST", LOGIN, WRONG)
        assert rest("POST", LOGIN, RIGHT)[0] == 200


def test_nobody_is_locked_out_unless_it_is_set(rest: RestClient) -> None:
    for _ in range(20):
        rest("POST", LOGIN, WRONG)

    assert rest("POST", LOGIN, RIGHT)[0] == 200


def test_administrator_sets_the_bound_and_opens_the_account_again(rest: RestClient) -> None:
    rest.log_in(*ADMIN)
    assert rest("POST", "/api/admin/securitySettings", {"maxFailedLoginAttempts": 1})[0] == 200
    assert rest("POST", "/api/admin/securitySettings", {"passwordPolicy": {"minimumLength": 6}})[0] == 501
    for _ in range(2):
        rest("POST", LOGIN, WRONG)
    assert rest("POST", LOGIN, RIGHT)[0] == 401

    _, users = rest("GET", f"/api/tenant/{rest.state.demo.id}/users?pageSize=10&page=0")
    (user,) = users["data"]
    assert rest("POST", f"/api/user/{user['id']['id']}/userCredentialsEnabled?userCredentialsEnabled=true")[0] == 200
    assert rest("POST", LOGIN, RIGHT)[0] == 200


def test_disabled_account_is_told_before_its_password_is_looked_at(rest: RestClient) -> None:
    rest.state.users[RIGHT["username"]].enabled = False

    assert told(rest("POST", LOGIN, WRONG)) == (401, "User account is not active")


def test_users_are_listed_as_far_as_one_may_see_them(rest: RestClient) -> None:
    url = "/api/users?pageSize=10&page=0"

    rest.log_in()
    assert [one["email"] for one in rest("GET", url)[1]["data"]] == [
        "tenant@thingsboard.org",
        "customer@thingsboard.org",
    ]
    assert rest("GET", f"{url}&userIds={rest.state.demo.id}")[0] == 501
    rest.log_in("customer@thingsboard.org", "customer")
    assert [one["email"] for one in rest("GET", url)[1]["data"]] == ["customer@thingsboard.org"]
    rest.log_in(*ADMIN)
    assert rest("GET", url)[0] == 403


# The account's login is also that of its gateway over MQTT: TB-18.
def test_gateway_of_a_disabled_account_is_closed_and_refused(rest: RestClient) -> None:
    gateway = rest.talk.gateway()
    user = rest.state.users[RIGHT["username"]]
    rest.log_in(*ADMIN)

    rest("POST", f"/api/user/{user.id}/userCredentialsEnabled?userCredentialsEnabled=false")

    assert rest.talk.heard(gateway) == ["the account was disabled"]
    refused = rest.talk.client("tenant@thingsboard.org", "tenant")
    assert rest.talk.heard(refused)[0] == p.Connack(False, 5)
    user.enabled = True
    assert rest.talk.heard(rest.talk.client("tenant@thingsboard.org", "tenant")) == [p.Connack(False, 0)]


# --- logout ---------------------------------------------------------------------------------------------------------


def test_logged_out_session_is_good_for_nothing(rest: RestClient) -> None:
    pair = rest.log_in()
    assert rest("POST", "/api/auth/logout")[0] == 200

    assert told(rest("GET", "/api/auth/user")) == (401, "Token has expired")
    assert rest("POST", "/api/auth/token", {"refreshToken": pair["refreshToken"]})[0] == 401


def test_other_sessions_of_the_account_stay(rest: RestClient) -> None:
    rest.log_in()
    other = rest.token
    rest.log_in()
    rest("POST", "/api/auth/logout")

    rest.token = other
    assert rest("GET", "/api/auth/user")[0] == 200


# --- API keys -------------------------------------------------------------------------------------------------------


def make_key(rest: RestClient, **more: Any) -> Any:
    status, key = rest("POST", "/api/apiKey", {"description": "CI", **more})
    assert status == 200
    return key


@pytest.mark.parametrize("header", ["X_Authorization", "Authorization"])
def test_api_key_stands_for_its_account(rest: RestClient, header: str) -> None:
    rest.log_in()
    key = make_key(rest)

    status, user = rest("GET", "/api/auth/user", None, **{header: f"ApiKey {key['value']}"})

    assert (status, user["email"]) == (200, RIGHT["username"])


def test_api_key_is_shown_once(rest: RestClient) -> None:
    rest.log_in()
    _, user = rest("GET", "/api/auth/user")
    make_key(rest)

    _, page = rest("GET", f"/api/apiKeys/{user['id']['id']}?pageSize=5&page=0")

    assert [(one["description"], "value" in one) for one in page["data"]] == [("CI", False)]


def test_api_key_ends_by_time_by_switch_and_by_deletion(rest: RestClient) -> None:
    rest.log_in()
    keys = [make_key(rest, expirationTime=rest.talk.now_ms + 10), make_key(rest), make_key(rest)]

    rest.talk.now_ms += 10
    assert rest("PUT", f"/api/apiKey/{keys[1]['id']['id']}/enabled/false")[0] == 200
    assert rest("DELETE", f"/api/apiKey/{keys[2]['id']['id']}")[0] == 200

    for key in keys:
        assert rest("GET", "/api/auth/user", None, Authorization=f"ApiKey {key['value']}")[0] == 401


def test_api_key_of_a_disabled_account_is_closed(rest: RestClient) -> None:
    rest.log_in()
    key = make_key(rest)
    rest.state.users[RIGHT["username"]].locked = True

    assert rest("GET", "/api/auth/user", None, Authorization=f"ApiKey {key['value']}")[0] == 401


# --- limits ---------------------------------------------------------------------------------------------------------


def test_too_many_requests_are_refused_as_thingsboard_refuses_them(rest: RestClient) -> None:
    rest.log_in()
    rest.state.limits.change("rest", "1:1")

    assert rest("GET", "/api/auth/user")[0] == 200
    status, answer = rest("GET", "/api/auth/user")

    assert (status, answer["errorCode"], answer["message"]) == (429, 33, "Too many requests for current tenant!")
    rest.talk.now_ms += 1_000
    assert rest("GET", "/api/auth/user")[0] == 200


# --- who may look ---------------------------------------------------------------------------------------------------


def test_customer_may_not_list_the_tenants_dashboards(rest: RestClient) -> None:
    rest.log_in("customer@thingsboard.org", "customer")

    assert rest("GET", "/api/tenant/dashboards?pageSize=1&page=0")[0] == 403


def test_rest_of_the_platform_is_refused_aloud(rest: RestClient) -> None:
    rest.log_in()

    for path in ("/api/alarms?pageSize=1&page=0", "/api/assets?assetIds=1", "/api/audit/logs?pageSize=1&page=0"):
        status, answer = rest("GET", path)
        assert (status, "uplab's fake ThingsBoard does not have" in answer["message"]) == (501, True)
