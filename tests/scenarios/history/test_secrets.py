import base64
import html
import json
import uuid
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.scenarios.history import secrets
from uplab.scenarios.history.secrets import (
    Secrets,
    found_in,
    is_canary,
    names_of,
    redact,
    redact_text,
    register,
)

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


@pytest.fixture(autouse=True)
def forgotten_secrets() -> Iterator[None]:
    yield
    secrets._foreign.clear()


def test_foreign_secret_is_hidden_once_registered() -> None:
    assert redact(b"Bearer my-own-token") == b"Bearer my-own-token"
    register("my-own-token")
    assert b"my-own-token" not in redact(b"Bearer my-own-token")


def base64_after(before: str) -> Callable[[str], str]:
    """Base64 of a secret behind something, as `Basic` has it behind a user."""
    return lambda secret: base64.b64encode(f"{before}{secret} and more".encode()).decode()


FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "capitals": str.upper,
    "small letters": str.lower,
    "JSON": lambda secret: json.dumps({"key": secret}),
    "JSON with letters of all scripts": lambda secret: json.dumps(secret, ensure_ascii=False),
    "URL": lambda secret: f"http://x/?key={quote(secret, safe='')}",
    "URL in small letters": lambda secret: quote(secret, safe="").lower(),
    "path of a URL": quote,
    "form": quote_plus,
    "HTML": html.escape,
    "HTML of text": lambda secret: html.escape(secret, quote=False),
    "hexadecimal": lambda secret: secret.encode().hex(),
    "HEXADECIMAL": lambda secret: secret.encode().hex().upper(),
    "Base64": base64_after(""),
    "Base64 after one": base64_after("a"),
    "Base64 after two": base64_after("ab"),
    "Basic": lambda secret: base64.b64encode(f"somebody:{secret}".encode()).decode(),
    "Base64 of URLs": lambda secret: base64.urlsafe_b64encode(f"~{secret}~".encode()).decode(),
}


def bytewise(form: str) -> Callable[[str], str]:
    """Each byte of a secret written for itself."""
    return lambda secret: "".join(form.format(byte) for byte in secret.encode())


def wrapped(form: Callable[[str], str], end: str, width: int = 13) -> Callable[[str], str]:
    """What is long goes over the ends of lines."""

    def write(secret: str) -> str:
        whole = form(secret)
        return end.join(whole[at : at + width] for at in range(0, len(whole), width))

    return write


def numbered(form: str) -> Callable[[str], str]:
    """Each character by the number that Unicode gives it."""
    return lambda secret: "".join(form.format(ord(letter)) for letter in secret)


FORMS |= {
    "URL, each byte": bytewise("%{:02x}"),
    "URL within a URL": lambda secret: quote(bytewise("%{:02X}")(secret)),
    "URL three times": lambda secret: quote(quote(bytewise("%{:02X}")(secret))),
    "JSON, each letter": numbered("\\u{:04x}"),
    "JSON within JSON": lambda secret: json.dumps(json.dumps({"a": secret})),
    "JSON, each letter, within JSON": lambda secret: json.dumps(numbered("\\u{:04X}")(secret)),
    "JSON of a URL": lambda secret: json.dumps(f"http://x/{quote(secret, safe='')}?"),
    "HTML by numbers": numbered("&#{};"),
    "HTML by hexadecimal numbers": numbered("&#x{:X};"),
    "HTML by long numbers": numbered("&#00{};"),
    "HTML within HTML": lambda secret: html.escape(html.escape(secret)),
    "HTML by numbers within HTML": lambda secret: html.escape(numbered("&#{};")(secret)),
    "HTML by numbers within JSON within JSON": lambda secret: json.dumps(json.dumps(numbered("&#{};")(secret))),
    "bytes as Python has them": bytewise("\\x{:02x}"),
    "hexadecimal, colons": lambda secret: secret.encode().hex(":"),
    "hexadecimal, blanks": lambda secret: secret.encode().hex(" ").upper(),
    "hexadecimal, dashes": lambda secret: secret.encode().hex("-"),
    "hexadecimal, as C has it": lambda secret: "0x" + ", 0x".join(f"{byte:02x}" for byte in secret.encode()),
    "Base64 in a URL": lambda secret: quote(base64.b64encode(f"me:{secret}!".encode()).decode(), safe=""),
    "Base64 of MIME": wrapped(base64_after("somebody:"), "\r\n"),
    "Base64 of MIME in JSON": lambda secret: json.dumps(wrapped(base64_after("a"), "\r\n")(secret)),
    "Base64 without its end": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode().rstrip("="),
    "over lines": wrapped(str, "\n", 5),
    "over lines with blanks before": wrapped(str, "\n    ", 5),
    "quoted-printable over lines": wrapped(str, "=\r\n", 5),
    "over lines in JSON": lambda secret: json.dumps(wrapped(str, "\n", 5)(secret)),
    "over lines of a shell": wrapped(str, "\\\n  ", 5),
    "over lines that go back": wrapped(str, "\r", 5),
    "octal, each byte": bytewise("\\{:03o}"),
    "octal in JSON": lambda secret: json.dumps(bytewise("\\{:03o}")(secret)),
    "letters as Rust and JavaScript have them": numbered("\\u{{{:x}}}"),
    "long letters": numbered("\\U{:08x}"),
    "HTML by numbers without their end": lambda secret: numbered("&#{}")(secret) + " ",
    "quoted-printable, each byte": bytewise("={:02X}"),
    "coloured, each letter": lambda secret: "".join(f"\x1b[1;3{at % 8}m{one}" for at, one in enumerate(secret)),
    "coloured in JSON": lambda secret: json.dumps(secret[:5] + "\x1b[0m" + secret[5:]),
    "invisible characters between": "\u200b".join,
    "soft hyphens of HTML": lambda secret: "&shy;".join(map(html.escape, secret)),
    "a page that may break it": lambda secret: "<wbr>".join((html.escape(secret[:6]), html.escape(secret[6:]))),
    "marked by a page": lambda secret: f"<b>{html.escape(secret[:6])}</b><mark>{html.escape(secret[6:])}</mark>",
    "numbers in blanks": lambda secret: f"[{' '.join(map(str, secret.encode()))}]",
    "numbers over lines": lambda secret: json.dumps(list(secret.encode()), indent=2),
}
FOREIGN = (
    "Qz8-plain-token",
    'Qz8"quoted\\back',
    "Qz8 /?&<'>+%=",
    "Qz8-gr\u00fc\u00dfe-\u20ac",
    "Qz8~~~???",
    "Qz8KX9+w/ord==",
)


@pytest.mark.parametrize("secret", FOREIGN)
@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_a_secret_is_hidden_and_found(form: str, secret: str) -> None:
    if not secret.isascii() and form == "capitals":
        pytest.skip("only ASCII has one other case")
    register("Qz9-another-one", "another")
    register(secret, "the API token")
    written = f"before {FORMS[form](secret)} behind"

    hidden = redact_text(written)

    assert len(hidden.encode()) == len(written.encode())
    assert hidden.startswith("before ")
    assert hidden.endswith(" behind")
    assert "qz8" not in hidden.lower()
    assert found_in(written) == found_in(hidden) == ["the API token"]
    assert redact_text(hidden) == hidden


@pytest.mark.parametrize("form", [form for form in FORMS if form not in ("capitals", "small letters")])
@pytest.mark.parametrize("make", [Secrets(7).hex, Secrets(7).uuid], ids=["hex", "uuid"])
def test_each_form_of_a_lab_secret_is_hidden_and_found(form: str, make: Callable[[str], str]) -> None:
    secret = make("a")
    written = FORMS[form](secret)

    hidden = redact_text(written)

    assert is_canary(written)
    assert not is_canary(hidden)
    assert len(hidden.encode()) == len(written.encode())
    more = {"the header": secret, "another": make("b")}
    assert found_in(written, more) == found_in(hidden, more) == ["the header"]


def test_header_of_mail_is_read() -> None:
    register(FOREIGN[2], "the API token")
    assert found_in("Subject: =?utf-8?Q?Qz8=20=2F=3F=26=3C=27=3E=2B=25=3D?=") == ["the API token"]


@pytest.mark.parametrize("secret", ["Qz8-a-token-of-24-letter", Secrets(7).hex("a")])
def test_secret_that_was_cut_off_is_hidden(secret: str) -> None:
    register(secret, "the API token")
    for length in range(len(secret) // 2, len(secret)):
        hidden = redact_text(f'{{"reason":"{secret[:length]}"}}')
        assert secret[:length] not in hidden
        assert hidden.endswith('"}')


def test_secrets_that_begin_alike_are_told_apart() -> None:
    register("Qz8-begins-alike-one", "one")
    register("Qz8-begins-alike-two-and-more", "two")

    hidden = redact_text("Qz8-begins-alike-two-and-more, Qz8-begins-alike-one")

    assert "alike" not in hidden
    assert found_in(hidden) == ["one", "two"]
    assert found_in("Qz8-begins-alike-one") == ["one"]


def test_secrets_that_were_fetched_anew_share_a_name() -> None:
    for secret in ("Qz8-first-token", "Qz8-second-token"):
        register(secret, "the fetched token")

    assert names_of() == ["the fetched token"]
    assert found_in("Qz8-first-token") == found_in("Qz8-second-token") == ["the fetched token"]


@pytest.mark.parametrize(
    "word", ["", "test", "uplab", "forwarder", "ThingsBoard", "PASSWORD", "downlinkUrl", "00000000"]
)
def test_word_of_the_report_is_not_hidden(word: str) -> None:
    assert not register(word, "the API token")
    assert redact_text(f"the {word} of it") == f"the {word} of it"
    assert found_in(f"the {word} of it") == []


def test_beginning_that_is_a_word_is_not_hidden() -> None:
    register("password-Qz8", "the API token")
    assert redact_text("the password-less, the password-") == "the password-less, the password-"
    assert found_in("password-Qz8") == ["the API token"]


@given(st.binary(max_size=200))
def test_other_bytes_pass_unchanged(raw: bytes) -> None:
    if not is_canary(raw.decode(errors="replace")):
        assert redact(raw) is raw


@pytest.mark.parametrize("behind", range(9))
@pytest.mark.parametrize("before", range(9))
def test_canary_that_was_shortened_is_hidden_whatever_is_left_of_it(before: int, behind: int) -> None:
    left = "5ec0de5a" + "abcdef012"[:before] + "..." + "0123456789"[:behind]

    hidden = redact_text(f"'{left}'")

    assert "5ec0de5a" not in hidden
    assert len(hidden) == len(left) + 2
