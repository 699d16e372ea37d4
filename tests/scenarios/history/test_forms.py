"""Forms that are no text, or that only a registered secret is known in; `test_secrets.py` has the others."""

import base64
import gzip
import json
import zlib
from collections.abc import Callable, Iterator

import pytest

from uplab.scenarios.history import secrets
from uplab.scenarios.history.encoded import unpacked
from uplab.scenarios.history.forms import base64_cores, forms
from uplab.scenarios.history.secrets import Secrets, found_in, is_canary, redact, redact_body, register

SECRET = "Qz8+some/api-token=99"


@pytest.fixture(autouse=True)
def forgotten_secrets() -> Iterator[None]:
    yield
    secrets._foreign.clear()


def token_with(secret: str) -> str:
    """A JSON Web Token that says it to everybody."""
    claims = base64.urlsafe_b64encode(json.dumps({"k": secret}, ensure_ascii=False).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJub25lIn0.{claims}.c2lnbmF0dXJl"


WRITTEN: dict[str, Callable[[str], bytes]] = {
    "UTF-16, little end first": lambda secret: f"key {secret}\r\n".encode("utf-16-le"),
    "UTF-16, big end first": lambda secret: f"key {secret}\r\n".encode("utf-16-be"),
    "UTF-16 in JSON": lambda secret: json.dumps(secret.encode("utf-16-le").decode("latin-1")).encode(),
    "a Buffer of Node": lambda secret: json.dumps({"type": "Buffer", "data": list(secret.encode())}).encode(),
    "a Buffer of Node, small": lambda secret: json.dumps(list(secret.encode()), separators=(",", ":")).encode(),
    "bytes of Go": lambda secret: " ".join(map(str, secret.encode())).encode(),
    "pairs of hexadecimal": lambda secret: secret.encode().hex(" ", -2).encode(),
    "pairs of hexadecimal from within": lambda secret: f"x{secret}".encode().hex(" ", -2).encode(),
    "Base32": lambda secret: base64.b32encode(secret.encode()),
    "quoted-printable": lambda secret: secret.replace("=", "=3D").encode(),
    "claims of a token": lambda secret: token_with(secret).encode(),
}


@pytest.mark.parametrize("secret", [SECRET, "Qz8-plain-token", "grüße-Qz8-€"])
@pytest.mark.parametrize("form", WRITTEN)
def test_secret_is_hidden_and_found(form: str, secret: str) -> None:
    if form == "UTF-16 in JSON" and not secret.isascii():
        pytest.skip("nobody takes these bytes for Latin-1")
    register("Qz9-another-one", "another")
    register(secret, "the API token")
    written = WRITTEN[form](secret)

    hidden = redact(written)

    assert len(hidden) == len(written)
    assert hidden != written
    assert found_in(written) == found_in(hidden) == ["the API token"]
    assert redact(hidden) == hidden


@pytest.mark.parametrize("order", ["le", "be"])
@pytest.mark.parametrize("make", [Secrets(7).hex, Secrets(7).uuid], ids=["hex", "uuid"])
def test_lab_secret_in_utf_16_is_hidden_and_found(order: str, make: Callable[[str], str]) -> None:
    written = f"key {make('a')}\r\n".encode(f"utf-16-{order}")

    hidden = redact(written)

    assert len(hidden) == len(written)
    assert not is_canary(hidden.decode("latin-1"))
    assert found_in(written, {"it": make("a"), "other": make("b")}) == ["it"]


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "gzip, its second member": lambda body: gzip.compress(b"nothing") + gzip.compress(body),
    "gzip, cut off": lambda body: gzip.compress(body + bytes(range(256)) * 20)[:-9],
    "deflate": zlib.compress,
    "deflate, best": lambda body: zlib.compress(body, 9),
    "deflate, fastest": lambda body: zlib.compress(body, 1),
}


@pytest.mark.parametrize("how", PACKED)
def test_packed_body_is_looked_into_and_hidden(how: str) -> None:
    register(SECRET, "the API token")
    packed = PACKED[how](b'{"key": "' + SECRET.encode() + b'"}')

    assert found_in(unpacked(packed) or b"") == ["the API token"]
    hidden = redact_body(packed)
    assert len(hidden) == len(packed)
    assert found_in(hidden) == ["the API token"]
    assert SECRET.encode() not in (unpacked(hidden) or b"")


def test_bodies_that_are_not_packed_are_none() -> None:
    for body in (b"", b"x\x9c", b"\x1f\x8b\x08", b"x\x9cnothing of the kind", b'{"a": 1}'):
        assert unpacked(body) is None


def test_body_of_very_many_members_costs_little() -> None:
    assert len(unpacked(gzip.compress(b"x") * 100_000) or b"") == 100
    assert len(unpacked(gzip.compress(bytes(50_000_000))) or b"") == 1_000_000


def test_forms_are_in_small_letters_and_no_shorter_than_the_secret() -> None:
    found = forms(SECRET)
    assert all(form == form.lower() and len(form) >= len(SECRET) for form in found)
    assert SECRET.lower().encode() in found


def test_cores_of_base64_stand_in_what_is_encoded_wherever_they_begin() -> None:
    for before in (b"", b"a", b"ab", b"user:"):
        whole = base64.b64encode(before + SECRET.encode() + b"behind").decode()
        assert any(core in whole for core in base64_cores(SECRET.encode()))
