"""What was encoded twice, or packed and then encoded, is hidden and found; how much is decoded has a bound."""

import base64
import binascii
import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.scenarios.history import secrets
from uplab.scenarios.history.encoded import Room, decoded, unpacked
from uplab.scenarios.history.secrets import Secrets, found_in, is_canary, may_hold, redact, redact_body, register


@pytest.fixture(autouse=True)
def forgotten_secrets() -> Iterator[None]:
    yield
    secrets._foreign.clear()


def b64(text: bytes | str) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def archive(text: str) -> bytes:
    """A sheet, as tables are packed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("xl/sharedStrings.xml", f"<si><t>{text}</t></si>" * 3)
    return packed.getvalue()


def tarred(content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as file:
        info = tarfile.TarInfo("key.txt")
        info.size = len(content)
        file.addfile(info, io.BytesIO(content))
    return packed.getvalue()


WRITTEN: dict[str, Callable[[str], str]] = {
    "Base64 twice": lambda secret: b64(b64(f"me:{secret}")),
    "Base64 twice, off the beat": lambda secret: b64(f"a{b64(f'me:{secret}')}bc"),
    "Base64 three times": lambda secret: b64(b64(b64(secret))),
    "Base64 of URLs within the other": lambda secret: b64(base64.urlsafe_b64encode(f"~~?{secret}".encode())).rstrip(
        "="
    ),
    "Base64 behind a word of its letters": lambda secret: f"token/x{b64(b64(secret))}",
    "Base64 of hexadecimal": lambda secret: b64(secret.encode().hex()),
    "Base64 of capital hexadecimal with colons": lambda secret: b64(secret.encode().hex(":").upper()),
    "Base64 of UTF-16": lambda secret: b64(f"key {secret}".encode("utf-16-le")),
    "Base64 of a URL, each byte": lambda secret: b64("".join(f"%{byte:02X}" for byte in secret.encode())),
    "Base64 of JSON, each letter": lambda secret: b64("".join(f"\\u{ord(letter):04x}" for letter in secret)),
    "Base64 of HTML by numbers": lambda secret: b64("".join(f"&#{ord(letter)};" for letter in secret)),
    "Base64 twice in a URL": lambda secret: f"/?state={quote(b64(b64(json.dumps([secret]))), safe='')}&x=1",
    "Base64 twice over lines in JSON": lambda secret: json.dumps(
        "\r\n".join(b64(b64(f"some {secret} more"))[at : at + 19] for at in range(0, 200, 19)).strip()
    ),
    "hexadecimal of Base64": lambda secret: b64(f"me:{secret}").encode().hex(),
    "hexadecimal twice": lambda secret: secret.encode().hex().encode().hex().upper(),
    "hexadecimal of UTF-16": lambda secret: f"a{secret}".encode("utf-16-be").hex(),
    "Base32 behind a user": lambda secret: base64.b32encode(f"me:{secret}".encode()).decode(),
    "Base32 in small letters": lambda secret: base64.b32encode(f"abcd{secret}".encode()).decode().lower().rstrip("="),
    "gzip in Base64": lambda secret: b64(gzip.compress(f'{{"key": "{secret}"}}'.encode())),
    "gzip in Base64 of URLs": lambda secret: base64.urlsafe_b64encode(gzip.compress(secret.encode())).decode(),
    "deflate in Base64": lambda secret: b64(zlib.compress(f"key={secret}".encode())),
    "deflate in Base64, quickly": lambda secret: b64(zlib.compress(f"key={secret}".encode(), 1)),
    "deflate in Base64, at an odd level": lambda secret: b64(zlib.compress(f"key={secret}".encode(), 4)),
    "gzip in Base64 behind a word of its letters": lambda secret: f"token/{b64(gzip.compress(secret.encode()))}",
    "bzip2 in Base64": lambda secret: b64(bz2.compress(f"key={secret}".encode())),
    "xz in Base64": lambda secret: b64(lzma.compress(f"key={secret}".encode())),
    "tar.gz in Base64": lambda secret: b64(tarred(f"key={secret}".encode())),
    "a JSON Web Token": lambda secret: ".".join(
        base64.urlsafe_b64encode(part.encode()).decode().rstrip("=")
        for part in ('{"alg": "HS256"}', json.dumps({"sub": "me", "key": secret}), "a-signature-of-it")
    ),
    "Base64 of a URL": lambda secret: b64(quote(secret, safe="")),
    "deflate in hexadecimal": lambda secret: zlib.compress(f"key={secret}".encode()).hex(),
    "Base64 in gzip in Base64": lambda secret: b64(gzip.compress(b64(f"me:{secret}").encode())),
    "an archive in Base64": lambda secret: b64(archive(secret)),
    "from its end": lambda secret: f"<{secret[::-1]}>",
    "from its end, in a URL": lambda secret: "".join(f"%{byte:02x}" for byte in secret[::-1].encode()),
    "from its end, in Base64": lambda secret: b64(f"x{secret[::-1]}"),
    "numbers": lambda secret: str(list(secret.encode())),
    "a cookie": lambda secret: f"Cookie: a=b; session={b64(json.dumps({'k': b64(secret)}))}; c=d",
    "a user in an address": lambda secret: f"https://{quote(secret, safe='')}:x@broker.example:8883/",
    "the name of a parameter": lambda secret: f"/page?{quote(secret, safe='')}=1&b=2",
    "an attribute of HTML": lambda secret: f"<i data-state='{b64(json.dumps({'token': secret}))}'>",
    "the text of a PEM": lambda secret: (
        "-----BEGIN KEY-----\n"
        + "\n".join(b64(b64(f"{{{secret}}}"))[at : at + 24] for at in range(0, 96, 24))
        + "\n-----END KEY-----"
    ),
}


@pytest.mark.parametrize(
    "secret", ["Qz8-plain-token", "Qz8 /?&<'>+%=", "Qz8KX9+w/ord==", Secrets(7).hex("a"), Secrets(8).uuid("a")]
)
@pytest.mark.parametrize("form", WRITTEN)
def test_secret_is_hidden_and_found_however_it_is_wrapped(form: str, secret: str) -> None:
    known = {"the lab's": secret} if is_canary(secret) else None
    if known is None:
        register("Qz9-another-one", "another")
        register(secret, "the lab's")
    written = f"before: {WRITTEN[form](secret)} :behind".encode()

    hidden = redact(written)

    assert len(hidden) == len(written)
    assert hidden[:8] + hidden[-8:] == b"before:  :behind"
    assert found_in(written, known) == found_in(hidden, known) == ["the lab's"]
    assert redact(hidden) == hidden
    if known:
        assert is_canary(written.decode())
        assert not is_canary(hidden.decode())


def test_all_secrets_of_what_is_packed_are_named() -> None:
    register("Qz8-one-of-them", "one")
    register("Qz9-the-other", "two")
    assert found_in(b64(gzip.compress(b"Qz8-one-of-them and Qz9-the-other" + bytes(range(99))))) == ["one", "two"]


def test_body_that_is_an_archive_is_hidden_as_a_whole() -> None:
    register("Qz8-plain-token", "it")
    body = archive("Qz8-plain-token")

    assert b"Qz8-plain-token" in (unpacked(body) or b"")
    assert found_in(redact_body(body)) == ["it"]
    assert not redact_body(body).startswith(b"PK")
    assert unpacked(body[: len(body) // 2]) is None


@given(st.binary(max_size=300), st.sampled_from([base64.b64encode, binascii.hexlify, gzip.compress, bytes]))
def test_whatever_a_word_says_it_is_read_or_left_alone(raw: bytes, form: Callable[[bytes], bytes]) -> None:
    written = form(raw)
    clean = redact(written)
    assert len(clean) == len(written)
    assert clean == written or is_canary(written.decode("latin-1"))


def test_what_is_decoded_of_one_text_has_a_bound() -> None:
    bomb = b64(gzip.compress(bytes(1_000_000)))
    room = Room()
    assert sum(len(one.text) for one in decoded(" ".join([bomb] * 50).encode(), room)) <= 4_000_000

    wide = "A".join(b64("readable text, and more of it") for _ in range(20_000))
    register("Qz8-plain-token", "it")
    assert not may_hold(wide.encode())


def test_span_is_the_part_that_says_it() -> None:
    whole = b64("0123456789-Qz8-plain-token-0123456789").encode()
    (one,) = (one for one in decoded(whole, Room()) if b"Qz8" in one.text)
    at = one.text.index(b"Qz8")
    begin, behind = one.span(at, at + 15)
    assert b"Qz8-plain-token" in base64.b64decode(whole[begin // 4 * 4 : -(-behind // 4) * 4])
    assert (begin, behind) == (14, 35)
