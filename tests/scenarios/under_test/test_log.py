import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from uplab.scenarios.history import secrets, unwritten
from uplab.scenarios.history.secrets import Secrets, found_in, register
from uplab.scenarios.under_test.log import CleanLog

KEY = "Qz8-tunnel-key-of-the-log"


@pytest.fixture(autouse=True)
def known() -> Iterator[None]:
    register(KEY, "the tunnel key")
    yield
    secrets._foreign.clear()


def told(path: Path, *lines: bytes) -> bytes:
    log = CleanLog(path)
    with log.stream() as one, log.stream() as other:
        for line in lines:
            one.write(line)
            other.write(b"meanwhile\n")
    return path.read_bytes().replace(b"meanwhile\n", b"")


def over_lines(text: str, width: int, before: str = "") -> list[bytes]:
    return [f"{before}{text[at : at + width]}\n".encode() for at in range(0, len(text), width)]


@pytest.mark.parametrize("form", [str, lambda key: base64.b64encode(f"me:{key}".encode()).decode()])
@pytest.mark.parametrize("width", [8, 9, 13, 20])
@pytest.mark.parametrize("before", ["", "    "])
def test_secret_over_several_lines_is_hidden(
    tmp_path: Path, form: Callable[[str], str], width: int, before: str
) -> None:
    lines = [b"begin\n", *over_lines(form(KEY), width, before), b"end\n"]
    said = told(tmp_path / "log", *lines)

    assert [len(line) for line in said.splitlines()] == [len(line) - 1 for line in lines]
    assert said.startswith(b"begin\n")
    assert said.endswith(b"end\n")
    assert found_in(said) == ["the tunnel key"]
    assert form(KEY)[:8].encode() not in said


def test_lab_secret_over_two_lines_is_hidden(tmp_path: Path) -> None:
    secret = Secrets(7).hex("a")
    said = told(tmp_path / "log", f"key {secret[:5]}\n".encode(), f"{secret[5:]}\n".encode())
    assert secret[5:].encode() not in said


@pytest.mark.parametrize("seed", range(20))
def test_lab_secret_over_lines_is_found_whatever_its_letters(tmp_path: Path, seed: int) -> None:
    secret = Secrets(seed).hex("client secret")
    register(secret, "the client secret")
    encoded = base64.b64encode(f"somebody:{secret}".encode()).decode()
    said = told(tmp_path / "log", b"refused:\n", *over_lines(encoded, 20), b"end\n")
    assert found_in(said) == ["the client secret"]


HEADS = {
    "times": "2026-01-01 00:00:0{} INFO  [worker-{}] body: ",
    "JSON": '{{"at": 17673{}, "level": "info", "n": {}, "message": "',
    "names": "X-Part-{}{}: ",
    "dump": "0000{}{}0  35 65 63 30 64 65  |",
}


@pytest.mark.parametrize("secret", [KEY, Secrets(7).hex("a")], ids=["the user's", "the lab's"])
@pytest.mark.parametrize("form", [str, lambda key: base64.b64encode(f"me:{key}".encode()).decode()])
@pytest.mark.parametrize("head", HEADS)
def test_secret_over_lines_that_each_have_words_before_it_is_hidden_and_found(
    tmp_path: Path, head: str, form: Callable[[str], str], secret: str
) -> None:
    behind = {"JSON": b'"}\n', "dump": b"|\n"}.get(head, b"\n")
    heads = [HEADS[head].format(at, at + 1).encode() for at in range(9)]
    pieces = [piece.strip() for piece in over_lines(form(secret), 12)]
    lines = [start + piece + behind for start, piece in zip(heads, pieces, strict=False)]
    said = told(tmp_path / "log", b"begin\n", *lines, b"end\n")

    known = {} if secret == KEY else {"the lab's": secret}
    assert found_in(said, known) == [*known, *(() if known else ("the tunnel key",))]
    assert not any(piece[2:] in said for piece in pieces[1:-1])
    assert all(start in said for start in heads[: len(pieces)]), "what the log itself says stays"
    assert [*map(len, said.splitlines(keepends=True))] == [*map(len, [b"begin\n", *lines, b"end\n"])]


def test_other_lines_stay_as_they_are(tmp_path: Path) -> None:
    lines = [b"a\n", b"\xff\x00\n", b"x" * 10_000 + b"\n", b"no end"]
    assert told(tmp_path / "log", *lines) == b"".join(lines)
    assert told(tmp_path / "log", b"more\n") == b"".join(lines) + b"more\n"


def test_log_that_cannot_be_written_holds_nobody_up() -> None:
    unwritten.forget()
    log = CleanLog(Path("/dev/full"))
    with log.stream() as stream:
        for _ in range(3):
            stream.write(b"said\n")

    assert unwritten.said() == "/dev/full: No space left on device"
    unwritten.forget()
