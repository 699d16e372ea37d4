"""Hears what is done while a stranger's bundle is read."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["Guard", "HeldError"]

_STARTS = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "socket.connect", "socket.bind"}


class HeldError(AssertionError):
    """Something was done that no bundle may do."""


class Guard:
    """Hears, from the interpreter itself, of every process, connection and file; refuses what a bundle may not do."""

    def __init__(self, place: Path) -> None:
        self.place = place.resolve()
        self.on = False
        self.done: list[str] = []
        sys.addaudithook(self._hear)

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """While this lasts, everything is heard."""
        self.on = True
        try:
            yield
        finally:
            self.on = False
        if self.done:
            raise HeldError(", ".join(self.done))

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event in _STARTS or (event == "open" and self._writes(arguments) and self._outside(arguments[0])):
            self.done.append(f"{event} {arguments!r:.200}")
        elif event in ("os.remove", "os.rename", "os.mkdir", "os.symlink", "os.link", "os.truncate", "os.chmod"):
            paths = [one for one in arguments if isinstance(one, str | bytes | os.PathLike)]
            if any(map(self._outside, paths[-1:])):
                self.done.append(f"{event} {arguments!r:.200}")

    @staticmethod
    def _writes(arguments: tuple[Any, ...]) -> bool:
        _, mode, flags = arguments
        by_flags = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        return bool(by_flags) or (isinstance(mode, str) and any(letter in mode for letter in "wax+"))

    def _outside(self, path: Any) -> bool:
        if not isinstance(path, str | bytes | os.PathLike):
            return False
        whole = os.path.realpath(os.fsdecode(path))
        return whole != os.devnull and not whole.startswith(f"{self.place}/") and "__pycache__" not in whole
