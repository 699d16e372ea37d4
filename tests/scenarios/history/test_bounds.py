import io
import os
from pathlib import Path

import orjson
import pytest

from uplab.scenarios.history.bounds import (
    MOST_NESTED,
    RegularFile,
    TooMuchError,
    bounded,
    open_regular,
    parse,
    read_record,
)


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def test_what_is_within_the_bounds_is_read_as_it_is() -> None:
    lines = b'{"a":[1,2]}\n' * 9
    assert list(bounded(io.BytesIO(lines), len(lines), 27)) == lines.splitlines(keepends=True)
    assert bounded(io.BytesIO(b""), 0, 0).read() == b""


@pytest.mark.parametrize(
    ("most_bytes", "most_values", "words"), [(11, 99, "more than 11 bytes"), (99, 2, "more than 2 values")]
)
def test_more_than_may_be_is_refused(most_bytes: int, most_values: int, words: str) -> None:
    with bounded(io.BytesIO(b'{"a":[1,2]}\n'), most_bytes, most_values) as file, pytest.raises(TooMuchError) as said:
        file.read()
    assert words in str(said.value)


def test_endless_file_is_left_after_its_bound() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"x" * size

    endless = Endless()
    with pytest.raises(TooMuchError):
        bounded(endless, 1_000_000, 10).readline()  # type: ignore[arg-type]
    assert endless.given < 2_000_000


def test_nesting_is_bounded() -> None:
    assert parse(nested(MOST_NESTED)) == orjson.loads(nested(MOST_NESTED))
    for deep in (nested(MOST_NESTED + 1), b'{"a":' * 99 + b"1" + b"}" * 99):
        with pytest.raises(TooMuchError, match="nests deeper than 64"):
            parse(deep)
    assert parse(b'"' + b"[" * 999 + b'"') == "[" * 999
    with pytest.raises(orjson.JSONDecodeError):
        parse(nested(100_000))
    assert read_record(io.BytesIO(b"[1]")) == [1]


def test_only_a_regular_file_is_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "device").symlink_to("/dev/zero")
    for name in ("pipe", "folder", "device"):
        with pytest.raises(OSError, match="is no regular file"):
            open_regular(tmp_path / name)
    (tmp_path / "file").write_bytes(b"a\nb\n")
    with RegularFile(tmp_path / "file").open() as file:
        assert list(file) == [b"a\n", b"b\n"]
