"""Runs what an author wrote, and comes back: code of somebody's own may raise, and it may never end."""

from __future__ import annotations

import contextlib
import ctypes
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

__all__ = ["ENDS_S", "NeverEndsError", "guarded", "place_of"]

ENDS_S = 30.0
"""How long an author's code may take for one verdict, in seconds; the history of a scenario takes it milliseconds."""

T = TypeVar("T")


class NeverEndsError(Exception):
    """It did not come to its end."""


class _EndedError(BaseException):
    """Raised within the thread, so that a loop ends; no `except Exception` stops it."""


def guarded(work: Callable[[], T], *, limit_s: float) -> T:
    """What `work` gives back, or raises; NeverEndsError where it does not end in `limit_s` seconds.

    It runs in a thread of its own, in which an exception is raised then. A loop of Python's ends by it; a call that
    hears nothing, as a regular expression may be, is left behind.
    """
    done: list[T] = []
    raised: list[BaseException] = []

    def run() -> None:
        with contextlib.suppress(_EndedError):  # it may come after the work has ended
            try:
                done.append(work())
            except BaseException as error:  # noqa: BLE001 - also SystemExit: nothing of an author's ends the run
                raised.append(error)

    thread = threading.Thread(target=run, name="uplab-own-check", daemon=True)
    thread.start()
    thread.join(limit_s)
    if thread.is_alive():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(_EndedError))
        raise NeverEndsError
    if raised:
        raise raised[0]
    return done[0]


def place_of(error: BaseException, file: str) -> str:
    """Where in a file of the author's it was raised, as checks.py:14; the file alone where it was raised elsewhere."""
    lines = [one.lineno for one in traceback.extract_tb(error.__traceback__) if one.filename == file]
    return f"{Path(file).name}:{lines[-1]}" if lines else Path(file).name
