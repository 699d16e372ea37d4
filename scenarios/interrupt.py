"""Ctrl-C: one clear line, everything cleaned up, and never a traceback."""

import os
import signal
import sys
from types import FrameType

from scenarios.exit_codes import STOPPED

__all__ = ["be_patient", "end_quietly", "ignore", "raise_again"]

_SAID = "\nuplab: still cleaning up; Ctrl-C once more ends it at once, without a report\n"


def ignore(_number: int, _frame: FrameType | None) -> None:
    """Does nothing. Unlike SIG_IGN it is not handed down to the processes that are started meanwhile."""


def _is_ignored() -> bool:
    """Whether whoever started us wants it ignored, as a shell does for its background jobs."""
    return signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def end_quietly(words: str) -> None:
    """Until somebody has something to clean up: Ctrl-C says these words and ends the process."""

    def end(_number: int, _frame: FrameType | None) -> None:
        os.write(sys.stderr.fileno(), f"\nuplab: {words}\n".encode())
        os._exit(STOPPED)

    if not _is_ignored():
        signal.signal(signal.SIGINT, end)


def raise_again() -> None:
    """From now on Ctrl-C raises KeyboardInterrupt, as pytest expects it; one that was held back comes now."""
    if not _is_ignored():
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def be_patient() -> None:
    """After the first Ctrl-C: the second says that the lab is being stopped, the third ends the process."""
    impatient = False

    def hurry(_number: int, _frame: FrameType | None) -> None:
        nonlocal impatient
        if impatient:
            os._exit(STOPPED)
        impatient = True
        os.write(sys.stderr.fileno(), _SAID.encode())

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, hurry)
