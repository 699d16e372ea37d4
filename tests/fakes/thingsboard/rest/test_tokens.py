import base64
import hashlib
import hmac

import orjson
import pytest

from uplab.fakes.thingsboard.rest.tokens import TokenError, Tokens
from uplab.fakes.thingsboard.state.tenant import State

NOW_MS = 1_700_000_000_000


class Clock:
    now_ms = NOW_MS


@pytest.fixture(name="clock")
def a_clock() -> Clock:
    return Clock()


@pytest.fixture(name="tokens")
def some_tokens(clock: Clock) -> Tokens:
    return Tokens(State(now=lambda: clock.now_ms))


def claims_of(token: str) -> dict[str, object]:
    body = token.split(".")[1]
    return dict(orjson.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


def test_access_token_has_the_claims_of_thingsboard(tokens: Tokens) -> None:
    user = tokens.state.users["tenant@thingsboard.org"]

    claims = claims_of(tokens.pair(user)["token"])

    assert claims.pop("sessionId")
    assert claims == {
        "sub": "tenant@thingsboard.org",
        "userId": user.id,
        "scopes": ["TENANT_ADMIN"],
        "exp": NOW_MS // 1000 + 9_000,
        "iss": "thingsboard.io",
        "iat": NOW_MS // 1000,
        "enabled": True,
        "isPublic": False,
        "tenantId": user.tenant_id,
        "customerId": user.customer_id,
    }


def test_refresh_token_lasts_a_week_and_opens_nothing(tokens: Tokens) -> None:
    user = tokens.state.users["tenant@thingsboard.org"]
    pair = tokens.pair(user)

    assert claims_of(pair["refreshToken"])["exp"] == NOW_MS // 1000 + 604_800
    assert tokens.refreshed(pair["refreshToken"]) is user
    with pytest.raises(TokenError):
        tokens.user(pair["refreshToken"])
    with pytest.raises(TokenError):
        tokens.refreshed(pair["token"])


def test_signature_is_hs512(tokens: Tokens) -> None:
    token = tokens.pair(tokens.state.users["tenant@thingsboard.org"])["token"]
    body, _, signature = token.rpartition(".")

    expected = hmac.new(tokens.key, body.encode(), hashlib.sha512).digest()

    assert base64.urlsafe_b64encode(expected).rstrip(b"=").decode() == signature
    assert base64.urlsafe_b64decode(body.split(".")[0] + "==") == b'{"alg":"HS512"}'


def test_token_ends_with_its_time(tokens: Tokens, clock: Clock) -> None:
    user = tokens.state.users["tenant@thingsboard.org"]
    token = tokens.pair(user)["token"]

    clock.now_ms += 9_000_000
    assert tokens.user(token) is user
    clock.now_ms += 1
    with pytest.raises(TokenError) as caught:
        tokens.user(token)
    assert caught.value.expired


def test_expired_access_leaves_the_refresh_token_good(tokens: Tokens) -> None:
    user = tokens.state.users["tenant@thingsboard.org"]
    pair = tokens.pair(user)

    tokens.expire()

    with pytest.raises(TokenError) as caught:
        tokens.user(pair["token"])
    assert caught.value.expired
    assert tokens.refreshed(pair["refreshToken"]) is user
    assert tokens.user(tokens.pair(user)["token"]) is user


def test_foreign_signature_counts_as_expired(tokens: Tokens) -> None:
    token = Tokens(tokens.state).pair(tokens.state.users["tenant@thingsboard.org"])["token"]

    with pytest.raises(TokenError) as caught:
        tokens.user(token)

    assert caught.value.expired


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "e30.e30.e30", "ä.b.c", "....", "!!.!!.!!", "e30.W10.e30"])
def test_unreadable_token_is_told_apart(tokens: Tokens, token: str) -> None:
    with pytest.raises(TokenError) as caught:
        tokens.user(token)

    assert not caught.value.expired


def test_unsigned_token_is_not_accepted(tokens: Tokens) -> None:
    body = tokens.pair(tokens.state.users["tenant@thingsboard.org"])["token"].split(".")[1]
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()

    with pytest.raises(TokenError):
        tokens.user(f"{none}.{body}.")


def test_disabled_account_loses_its_session(tokens: Tokens) -> None:
    user = tokens.state.users["tenant@thingsboard.org"]
    token = tokens.pair(user)["token"]

    user.enabled = False

    with pytest.raises(TokenError) as caught:
        tokens.user(token)
    assert caught.value.expired


def test_cleared_tokens_are_no_good(tokens: Tokens) -> None:
    user = tokens.state.users["tenant@thingsboard.org"]
    token = tokens.pair(user)["token"]
    tokens.user(token)

    tokens.clear()

    with pytest.raises(TokenError):
        tokens.user(token)
