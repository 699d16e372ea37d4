"""Ctrl-C and SIGTERM: one clear line, everything cleaned up, and never a traceback."""

import contextlib
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from uplab.scenarios.run.exit_codes import STOPPED
from uplab.scenarios.under_test.ending import at_once

__all__ = ["BOTH", "be_patient", "end_quietly", "ignore", "raise_again", "raise_for_both"]

BOTH = (signal.SIGINT, signal.SIGTERM)
"""Ctrl-C, and what ends a job in CI or a container."""
_SAID = "\nuplab: still cleaning up; Ctrl-C once more ends it at once{}\n"


def ignore(_number: int, _frame: FrameType | None) -> None:
    """Does nothing. Unlike SIG_IGN it is not handed down to the processes that are started meanwhile."""


def _is_ignored(number: int) -> bool:
    """Whether whoever started us wants it ignored, as a shell does Ctrl-C for its background jobs."""
    return signal.getsignal(number) is signal.SIG_IGN


def _end() -> NoReturn:
    for act in at_once:
        with contextlib.suppress(Exception):
            act()
    os._exit(STOPPED)


def end_quietly(words: str) -> None:
    """Until somebody has something to clean up: Ctrl-C or SIGTERM says these words and ends the process."""

    def end(_number: int, _frame: FrameType | None) -> None:
        os.write(sys.stderr.fileno(), f"\nuplab: {words}\n".encode())
        os._exit(STOPPED)

    for number in BOTH:
        if not _is_ignored(number):
            signal.signal(number, end)


def raise_again(*numbers: int) -> None:
    """From now on these signals raise KeyboardInterrupt, as pytest expects it; one that was held back comes now."""
    for number in numbers:
        if not _is_ignored(number):
            signal.signal(number, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)


def raise_for_both() -> None:
    """From now on the first SIGINT or SIGTERM raises KeyboardInterrupt, and what follows it finds `be_patient`."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        be_patient(loses="")
        raise KeyboardInterrupt

    for number in BOTH:
        signal.signal(number, stop)


def be_patient(*, loses: str = ", without a report") -> None:
    """While something is cleaned up: the next Ctrl-C says so, and what that one `loses`; the one after it ends all."""
    impatient = False

    def hurry(_number: int, _frame: FrameType | None) -> None:
        nonlocal impatient
        if impatient:
            _end()
        impatient = True
        os.write(sys.stderr.fileno(), _SAID.format(loses).encode())

    for number in BOTH:
        known = signal.getsignal(number)
        if known is not signal.SIG_IGN and getattr(known, "__qualname__", "") != hurry.__qualname__:
            signal.signal(number, hurry)
