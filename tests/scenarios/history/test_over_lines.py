"""What goes over the ends of lines is read, hidden at its place, and found, whatever stands beside it."""

from collections.abc import Iterator

import pytest

from uplab.scenarios.history import secrets
from uplab.scenarios.history.over_lines import over_lines
from uplab.scenarios.history.secrets import Secrets, found_in, redact_lines, redact_text, register

KEY = "Qz8-plain-token-kX"
HEAD = "12:00:01.5 INFO [worker-1] c.e.Http - "


@pytest.fixture(autouse=True)
def forgotten_secrets() -> Iterator[None]:
    register(KEY, "the key")
    yield
    secrets._foreign.clear()


def xxd(raw: bytes, before: str = "") -> str:
    """A dump in words of two bytes, with offset and letters."""
    rows = [raw[at : at + 16] for at in range(0, len(raw), 16)]
    return "\n".join(f"{before}{at:07x}0: {row.hex(' ', -2):<39}  {shown(row)}" for at, row in enumerate(rows)) + "\n"


def hexdump(raw: bytes, before: str = "") -> str:
    """A dump byte by byte, in two halves."""
    rows = [raw[at : at + 16] for at in range(0, len(raw), 16)]
    return "".join(
        f"{before}{at:07x}0  {row[:8].hex(' ')}  {row[8:].hex(' ')}  |{shown(row)}|\n" for at, row in enumerate(rows)
    )


def netty(raw: bytes) -> str:
    """A dump in a table, as a log of Java has it."""
    rows = [raw[at : at + 16] for at in range(0, len(raw), 16)]
    return "".join(f"|{at:07x}0| {row.hex(' '):<47} |{shown(row):<16}|\n" for at, row in enumerate(rows))


def shown(row: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)


SENT = b"POST / HTTP/1.1\r\nAuthorization: Bearer " + KEY.encode() + b"\r\nHost: x\r\n\r\n"
WRITTEN = {
    "the last words of two lines": f"{HEAD}sending {KEY[:7]}\n{HEAD}{KEY[7:]}\n",
    "split before what is said too": f"{HEAD}sending {KEY[:7]}\n{HEAD}{KEY[7:]} and more of it\n",
    "split twice, and more behind it": f"{HEAD}a {KEY[:5]}\n{HEAD}{KEY[5:10]}\n{HEAD}{KEY[10:]} is refused\n",
    "split in a quoted text": f"{HEAD}'a {KEY[:7]}'\n{HEAD}'{KEY[7:]} b'\n",
    "xxd": xxd(SENT),
    "xxd behind words of a log": xxd(SENT, HEAD),
    "hexdump": hexdump(SENT),
    "hexdump behind words of a log": hexdump(SENT, HEAD),
    "a table of a dump": netty(SENT),
    "a dump of bytes alone": "".join(SENT[at : at + 16].hex(" ") + "\n" for at in range(0, len(SENT), 16)),
}


@pytest.mark.parametrize("kind", WRITTEN)
def test_secret_over_lines_is_hidden_and_found(kind: str) -> None:
    written = f"before it all\n{WRITTEN[kind]}and behind".encode()

    hidden = redact_lines(written)

    assert found_in(written) == found_in(hidden) == ["the key"]
    assert len(hidden) == len(written)
    assert hidden.count(b"\n") == written.count(b"\n"), "lines stay lines"
    assert hidden.startswith(b"before it all\n")
    assert hidden.endswith(b"and behind")
    for digits in (KEY[4:9].encode().hex(" "), KEY[4:9].encode().hex(" ", -2), KEY[4:9]):
        assert digits.encode() not in hidden
    assert redact_lines(hidden) == hidden


def test_secret_over_lines_of_a_traceback_is_hidden() -> None:
    assert found_in(redact_text(f"E   ValueError: {KEY[:6]}\nE     {KEY[6:]} is wrong\n")) == ["the key"]


def test_dump_of_a_lab_secret_is_found() -> None:
    secret = Secrets(7).hex("a")
    written = xxd(f"token={secret}".encode(), HEAD).encode()
    assert found_in(written, {"it": secret}) == found_in(redact_lines(written), {"it": secret}) == ["it"]


@pytest.mark.parametrize("raw", [b"", b"one line", b"one line\n"])
def test_one_line_has_no_ends_to_go_over(raw: bytes) -> None:
    assert list(over_lines(raw)) == []


def test_few_bytes_are_no_dump() -> None:
    assert len(list(over_lines(b"00000000: 51 7a\n00000010: 38\n"))) == 2


def test_last_word_of_a_long_line_is_read_from_its_end() -> None:
    """Read from its beginning it would cost the square of its length: a body of 600 kB is one line."""
    line = b"a" * 600_000

    read = next(iter(over_lines(line + b"\nnext\n")))

    assert (len(read.text), read.places[1]) == (8_192 + len("next"), 600_000 - 8_192)


def test_what_closes_a_piece_is_no_part_of_it() -> None:
    read = next(iter(over_lines(b'time=1 msg="the key: sec\\\n  ret\\"}\n')))

    assert read.text == b"secret"
