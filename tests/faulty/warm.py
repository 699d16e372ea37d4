"""Children of one warm process: what every run imports is imported once, and each run is forked from there.

Sound where the parent has one thread and nothing open: `play` is called before anybody starts either.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import wait
from multiprocessing.context import ForkContext, ForkProcess
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

__all__ = ["GRACE_S", "SAID", "Ended", "import_all", "play"]

T = TypeVar("T")

GRACE_S = 20.0
"""So long a child that was interrupted may take to stop its lab."""

SAID = "said.log"
"""The file, in a job's folder, of all that it has printed."""


class Ended(NamedTuple, Generic[T]):
    """A job whose child has ended; its folder is there until the next one is asked for."""

    job: T
    folder: Path
    code: int


class _Running(NamedTuple, Generic[T]):
    job: T
    folder: tempfile.TemporaryDirectory[str]
    until_s: float


def import_all() -> None:
    """Imports what a run of uplab imports, of the suites nothing: pytest must be the first to do that."""
    import pytest  # noqa: F401

    import uplab.scenarios.lab.lab
    import uplab.scenarios.run.awake
    import uplab.scenarios.run.controller
    import uplab.scenarios.run.publish  # noqa: F401

    gc.collect()
    gc.freeze()  # the children share these pages as long as nobody writes them


def play(jobs: Sequence[T], work: Callable[[T, Path], int], *, at_a_time: int, timeout_s: float) -> Iterator[Ended[T]]:
    """Each job in a child of its own, so many at a time; yields each when it has ended.

    `work(job, folder)` gives the exit code. One that takes longer is interrupted as by Ctrl-C, so that it stops what it
    has started, and killed where it goes on all the same.
    """
    context = multiprocessing.get_context("fork")
    waiting = list(jobs)
    running: dict[ForkProcess, _Running[T]] = {}
    try:
        yield from _played(context, waiting, running, work, at_a_time, timeout_s)
    finally:  # who stops asking lets nothing go on
        for child in running:
            _interrupt(child)


def _interrupt(child: ForkProcess) -> None:
    if child.pid is not None and child.exitcode is None:
        os.kill(child.pid, signal.SIGINT)


def _played(
    context: ForkContext,
    waiting: list[T],
    running: dict[ForkProcess, _Running[T]],
    work: Callable[[T, Path], int],
    at_a_time: int,
    timeout_s: float,
) -> Iterator[Ended[T]]:
    while waiting or running:
        while waiting and len(running) < at_a_time:
            begun = _Running(waiting.pop(0), tempfile.TemporaryDirectory(), time.monotonic() + timeout_s)
            child = context.Process(target=_become, args=(work, begun.job, Path(begun.folder.name)))
            child.start()
            running[child] = begun
        wait([child.sentinel for child in running], timeout=1.0)
        for child, begun in list(running.items()):
            if child.exitcode is not None:
                del running[child]
                with begun.folder as folder:
                    yield Ended(begun.job, Path(folder), child.exitcode)
            elif time.monotonic() > begun.until_s + GRACE_S:
                child.kill()
            elif time.monotonic() > begun.until_s:
                _interrupt(child)


def _become(work: Callable[[T, Path], int], job: T, folder: Path) -> None:
    """Becomes the job: what it prints goes to a file, and Ctrl-C is its own to hear."""
    said = os.open(folder / SAID, os.O_WRONLY | os.O_CREAT)
    for number in (1, 2):
        os.dup2(said, number)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(work(job, folder))
