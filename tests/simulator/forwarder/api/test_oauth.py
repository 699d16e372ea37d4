import base64
import json

import pytest

from uplab.simulator.forwarder.api import oauth
from uplab.simulator.forwarder.api.oauth import Guard


def token(guard: Guard) -> str:
    answer = guard.issue("drei-api/me", "secret")
    assert answer is not None
    return str(answer["access_token"])


def test_issued_token_admits_its_bearer() -> None:
    guard = Guard("drei-api/me", "secret")

    assert guard.admits(f"Bearer {token(guard)}")
    assert guard.admits(f"bearer {token(guard)}")


def test_token_is_a_jwt_whose_end_clients_can_read() -> None:
    claims = token(Guard("drei-api/me", "secret")).split(".")[1]

    assert json.loads(base64.urlsafe_b64decode(claims + "==")).keys() == {"client_id", "exp"}


@pytest.mark.parametrize(("client", "secret"), [("drei-api/me", "wrong"), ("other", "secret"), ("", "")])
def test_unknown_client_gets_no_token(client: str, secret: str) -> None:
    assert Guard("drei-api/me", "secret").issue(client, secret) is None


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer x", "Bearer a.b.c", "Basic eDp5", "Bearer ..", "é"]
)
def test_without_a_token_of_ours_nobody_enters(authorization: str | None) -> None:
    assert not Guard("c", "s").admits(authorization)


def test_changed_claims_are_noticed() -> None:
    guard = Guard("drei-api/me", "secret")
    head, claims, signature = token(guard).split(".")

    assert not guard.admits(f"Bearer {head}.{claims[:-2]}AA.{signature}")


def test_token_of_another_process_is_worthless() -> None:
    assert not Guard("drei-api/me", "secret").admits(f"Bearer {token(Guard('drei-api/me', 'secret'))}")


def test_token_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    guard = Guard("drei-api/me", "secret")
    monkeypatch.setattr(oauth, "LIFETIME_S", -1)

    assert not guard.admits(f"Bearer {token(guard)}")


def test_open_api_admits_everybody_and_still_gives_tokens() -> None:
    guard = Guard(None, None)

    assert guard.admits(None)
    assert guard.issue("any", "thing") is not None
