import uuid

from hypothesis import given
from hypothesis import strategies as st

from scenarios import secrets
from scenarios.secrets import Secrets, is_canary, redact, redact_text

JWT = "eyJhbGciOiJIUzUxMiJ9.eyJzdWIiOiJ0ZW5hbnQifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ"


@given(st.integers(), st.text())
def test_each_secret_is_found_and_hidden(seed: int, name: str) -> None:
    for secret in (Secrets(seed).hex(name), Secrets(seed).uuid(name)):
        assert is_canary(f"x{secret}y")
        hidden = redact(f"x {secret} y".encode())
        assert secret.encode() not in hidden
        assert len(hidden) == len(secret) + 4


def test_secrets_repeat_with_the_seed_and_differ_by_name() -> None:
    assert Secrets(7).hex("a") == Secrets(7).hex("a")
    assert len({Secrets(7).hex("a"), Secrets(7).hex("b"), Secrets(8).hex("a")}) == 3
    assert uuid.UUID(Secrets(7).uuid("a")).version == 4


def test_placeholders_tell_two_secrets_apart() -> None:
    one, other = Secrets(7).hex("a"), Secrets(7).hex("b")
    assert redact_text(one) != redact_text(other)
    assert redact_text(one) == redact_text(one.upper())


def test_json_web_token_is_hidden() -> None:
    assert JWT not in redact_text(f"X-Authorization: Bearer {JWT}")


def test_foreign_secret_is_hidden_once_registered() -> None:
    assert redact(b"Bearer my-own-token") == b"Bearer my-own-token"
    secrets.register("my-own-token")
    try:
        assert b"my-own-token" not in redact(b"Bearer my-own-token")
    finally:
        secrets._foreign.clear()


@given(st.binary(max_size=200))
def test_other_bytes_pass_unchanged(raw: bytes) -> None:
    if not is_canary(raw.decode(errors="replace")):
        assert redact(raw) is raw
