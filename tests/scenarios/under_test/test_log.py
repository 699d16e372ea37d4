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
