"""Ledgers and arrivals as files: lines of JSON in segments, written by one process and read by another while it writes.

A stream `NAME` is NAME.0001.ndjson, NAME.0002.ndjson, ... in one folder. The first line of each segment is a header
with the clocks of its machine; the last line of a stream that ended in order says so.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson

__all__ = ["FORMAT", "Tail", "Writer", "boot_id", "now_us", "streams"]

FORMAT: Final = 1
MOST_BYTES: Final = 64 << 20
"""Of one segment."""

_FLUSHED_BYTES: Final = 1 << 16
_READ_BYTES: Final = 1 << 20
_NAME: Final = re.compile(r"(?P<stream>[\w.-]+)\.(?P<number>\d{4,})\.ndjson")


def now_us() -> int:
    """Microseconds of a clock that never jumps, and that the processes of one machine share."""
    return time.monotonic_ns() // 1000


def boot_id() -> str:
    """What tells apart machines, and the times between two starts of one."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return socket.gethostname()


class Writer:
    """Appends to a stream. Lines are held until there are many of them, or `flush` is called."""

    def __init__(self, folder: Path, stream: str, *, most_bytes: int = MOST_BYTES) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._stream = stream
        self._most_bytes = most_bytes
        self._number = 0
        self._written = 0
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._begin()

    def _begin(self) -> None:
        self._number += 1
        self._file = (self._folder / f"{self._stream}.{self._number:04d}.ndjson").open("wb", buffering=0)
        self._written = 0
        clocks = {"boot": boot_id(), "monotonic_us": now_us(), "wall_us": time.time_ns() // 1000}
        self.write({"format": FORMAT, "stream": self._stream, **clocks})
        self.flush()

    def write(self, line: Any) -> None:
        """One line."""
        raw = orjson.dumps(line)
        self._held.append(raw)
        self._held_bytes += len(raw) + 1
        if self._held_bytes >= _FLUSHED_BYTES:
            self.flush()

    def flush(self) -> None:
        """Everything so far is in the file, in whole lines."""
        if self._held:
            self._held.append(b"")
            self._written += self._file.write(b"\n".join(self._held))
            self._held.clear()
            self._held_bytes = 0
        if self._written >= self._most_bytes:
            self._file.close()
            self._begin()

    def close(self, ended: str) -> None:
        """The stream is whole, and how it ended: over, stopped."""
        self.write({"ended": ended})
        self.flush()
        self._file.close()


class Tail:
    """Reads a stream, also while it is being written; each call goes on where the last one stopped.

    `offset_us` turns its times into those of the reader's machine: nothing where both are the same, else what their
    wall clocks say. `ended` is how its writer ended it, None where it has not.
    """

    def __init__(self, folder: Path, stream: str) -> None:
        self.stream = stream
        self.ended: str | None = None
        self.offset_us = 0
        self.apart = False
        self.lines = 0
        self._folder = folder
        self._number = 1
        self._at = 0
        self._rest = b""

    def read(self, most_bytes: int = _READ_BYTES) -> Iterator[Any]:
        """The lines that are there and were not read yet, as JSON, but for headers; about so many bytes of them."""
        while most_bytes > 0:
            raw = self._next(min(most_bytes, _READ_BYTES))
            if not raw:
                if not self._following():
                    return
                continue
            most_bytes -= len(raw)
            *lines, self._rest = (self._rest + raw).split(b"\n")
            for line in lines:
                found = orjson.loads(line)
                if isinstance(found, dict):
                    self._about(found)
                else:
                    self.lines += 1
                    yield found

    def _path(self, number: int) -> Path:
        return self._folder / f"{self.stream}.{number:04d}.ndjson"

    def _next(self, most_bytes: int) -> bytes:
        try:
            with self._path(self._number).open("rb") as file:
                file.seek(self._at)
                raw = file.read(most_bytes)
        except FileNotFoundError:
            return b""
        self._at += len(raw)
        return raw

    def _following(self) -> bool:
        """Goes on to the next segment, where there is one and this one is read to its end."""
        if not self._path(self._number + 1).exists():
            return False
        raw = self._next(_READ_BYTES)  # it may have grown between the look at it and the look at the next one
        if raw:
            self._at -= len(raw)
            return True
        self._number += 1
        self._at, self._rest = 0, b""
        return True

    def _about(self, line: dict[str, Any]) -> None:
        self.ended = line.get("ended", self.ended)
        if "format" not in line:
            return
        if line["format"] != FORMAT:
            raise ValueError(f"{self._path(self._number)}: format {line['format']}, and this uplab reads {FORMAT}")
        self.apart = line["boot"] != boot_id()
        here_us = time.time_ns() // 1000 - now_us()
        self.offset_us = line["wall_us"] - line["monotonic_us"] - here_us if self.apart else 0


def streams(folder: Path) -> list[str]:
    """The streams of a folder, by name."""
    found = (_NAME.fullmatch(path.name) for path in folder.iterdir())
    return sorted({match["stream"] for match in found if match})
