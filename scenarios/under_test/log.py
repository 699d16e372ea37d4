"""The log of a forwarder, written without its secrets: also without those that go over the ends of lines."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from uplab.scenarios.history import unwritten
from uplab.scenarios.history.secrets import redact_lines

__all__ = ["CleanLog"]

_LOOKED_AT_AGAIN = 12  # lines before a new one
_LONGEST = 4_000  # bytes of a line that is looked at again
_APART = 4  # bytes between two secrets


class CleanLog:
    """A file to whose end lines are written, by several streams.

    What was written is written again where the next lines show that a secret began in it: a placeholder has the length
    of what it hides. Beside it `<name>.times` has a line for each: when it came, in seconds of the clock of histories,
    and where in the log it begins.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        times = path.with_name(f"{path.name}.times")
        self._times = os.open(times, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self._lock = threading.Lock()
        self._streams = 0

    def stream(self) -> Stream:
        """Lines that follow one another; the file is open as long as one of its streams is."""
        self._streams += 1
        return Stream(self)

    def write(self, line: bytes, before: deque[tuple[int, bytes, bytes]]) -> None:
        """Appends a line; `before` has place, text and what was written of those before it, and then this one too.

        A line that cannot be written is left out and noted: a forwarder whose output nobody took would stand still.
        """
        with unwritten.trouble(self._path):
            self._append(line, before)

    def _append(self, line: bytes, before: deque[tuple[int, bytes, bytes]]) -> None:
        clean = redact_lines(b"".join(raw for _, raw, _ in before) + line)
        with self._lock:
            at = 0
            for index, (place, raw, written) in enumerate(before):
                now = _hidden(raw, written, clean[at : at + len(raw)])
                at += len(raw)
                if now != written:
                    os.pwrite(self._file, now, place)
                    before[index] = (place, raw, now)
            end = os.lseek(self._file, 0, os.SEEK_END)
            if os.write(self._file, clean[at:]) < len(clean) - at:  # there was room for a part
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.write(self._times, b"%.6f %d\n" % (time.monotonic(), end))
        if len(line) > _LONGEST:
            before.clear()
        else:
            before.append((end, line, clean[at:]))

    def leave(self) -> None:
        """One stream has ended; with the last the file is closed."""
        with self._lock:
            self._streams -= 1
            if not self._streams:
                os.close(self._file)
                os.close(self._times)


def _hidden(raw: bytes, before: bytes, now: bytes) -> bytes:
    """The line as it is hidden now; what was hidden before, by lines that are not looked at any more, stays so.

    A placeholder may have a few bytes of the secret by chance: they belong to it all the same.
    """
    if before in (raw, now):
        return now
    shown = bytearray(now)
    for start, end in _stretches(raw, before):
        if now[start:end] == raw[start:end]:
            shown[start:end] = before[start:end]
    return bytes(shown)


def _stretches(raw: bytes, hidden: bytes) -> Iterator[tuple[int, int]]:
    """From where to where something is hidden; between two of them stand at least four bytes that were said."""
    begin = end = -1
    for at, (one, other) in enumerate(zip(raw, hidden, strict=True)):
        if one == other:
            continue
        if begin >= 0 and at - end >= _APART:
            yield begin, end
            begin = -1
        begin, end = (at if begin < 0 else begin), at + 1
    if begin >= 0:
        yield begin, end


class Stream:
    """One of the streams of a log."""

    def __init__(self, log: CleanLog) -> None:
        self._log = log
        self._before: deque[tuple[int, bytes, bytes]] = deque(maxlen=_LOOKED_AT_AGAIN)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._log.leave()

    def write(self, line: bytes) -> None:
        """Appends a line."""
        self._log.write(line, self._before)
