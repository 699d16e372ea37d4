"""Files that may be a stranger's: their bytes, their values and how deep these nest are bounded while they are read."""

import io
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, Literal

import orjson

__all__ = ["MOST_NESTED", "RegularFile", "TooMuchError", "bounded", "open_regular", "parse", "read_record"]

MOST_NESTED: Final = 64
"""Lists and objects within each other; documents of ThingPark have a dozen."""

_MOST_RECORD: Final = 256_000_000  # bytes; a million ids take a third of it
_MOST_RECORD_VALUES: Final = 8_000_000
_BUFFER: Final = 1 << 16


class TooMuchError(ValueError):
    """There is more in a file than may be; the text says of what, in a phrase."""


class _Bounded(io.RawIOBase):
    """Another file's bytes, as many as may be.

    In JSON each value stands behind a comma or a bracket: who counts these knows the most that memory will have to hold
    before anything is made of them.
    """

    def __init__(self, file: IO[bytes], most_bytes: int, most_values: int) -> None:
        super().__init__()
        self._file = file
        self._bytes = self._most_bytes = most_bytes
        self._values = self._most_values = most_values

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self._file.read(len(buffer))
        self._bytes -= len(chunk)
        self._values -= chunk.count(b",") + chunk.count(b"[") + chunk.count(b"{")
        if self._bytes < 0:
            raise TooMuchError(f"it holds more than {self._most_bytes:,} bytes")
        if self._values < 0:
            raise TooMuchError(f"it holds more than {self._most_values:,} values")
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        self._file.close()
        super().close()


def bounded(file: IO[bytes], most_bytes: int, most_values: int) -> IO[bytes]:
    """The file's bytes, to be read once from here on; TooMuchError as soon as there are more bytes, or JSON values."""
    return io.BufferedReader(_Bounded(file, most_bytes, most_values), _BUFFER)


def open_regular(path: Path) -> IO[bytes]:
    """Opens a file, and nothing else that may stand under its name; OSError also where it is a pipe or a device.

    A pipe would be waited for, a device read without end.
    """
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if stat.S_ISREG(os.fstat(number).st_mode):
        return os.fdopen(number, "rb")
    os.close(number)
    raise OSError(f"{path} is no regular file")


@dataclass(frozen=True, slots=True)
class RegularFile:
    """A file at a path, and nothing else that may stand there."""

    path: Path

    @property
    def name(self) -> str:
        """Its name without the folders that it is in."""
        return self.path.name

    def open(self, _mode: Literal["rb"] = "rb") -> IO[bytes]:
        """Its bytes."""
        return open_regular(self.path)


def read_record(file: IO[bytes]) -> Any:
    """The value of a file that holds a record in JSON, such as run.json, and closes it; raises what `parse` does."""
    with bounded(file, _MOST_RECORD, _MOST_RECORD_VALUES) as record:
        return parse(record.read())


def parse(raw: bytes) -> Any:
    """The value of a JSON text; orjson.JSONDecodeError where it is none, TooMuchError where it nests too deep."""
    value = orjson.loads(raw)
    if raw.count(b"[") + raw.count(b"{") > MOST_NESTED and _nests_deeper(value):
        raise TooMuchError(f"it nests deeper than {MOST_NESTED} lists and objects")
    return value


def _nests_deeper(value: Any) -> bool:
    level: list[Any] = [[value]]
    for _ in range(MOST_NESTED + 1):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
