"""What several tests of the scenarios' machinery are given."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from collections.abc import Callable

import pytest

from uplab.scenarios.lab.false_hosts import PORTS

__all__ = ["WaitUntil", "free_ports", "more_ports", "wait_until"]

WaitUntil = Callable[[Callable[[], object]], None]


@pytest.fixture
def wait_until() -> WaitUntil:
    """Waits for a fact, at most 30 s."""

    def wait(fact: Callable[[], object]) -> None:
        pause, deadline = threading.Event(), time.monotonic() + 30
        while not fact():
            assert time.monotonic() < deadline, "waited 30 s in vain"
            pause.wait(0.02)

    return wait


@pytest.fixture
def free_ports() -> int:
    """The first of as many free ports in a row as --base-port needs, below those that the system hands out."""
    return _free(12_000, 21_000)


@pytest.fixture
def more_ports() -> int:
    """As many for a second lab."""
    return _free(21_000, 30_000)


def _free(least: int, most: int) -> int:
    while True:
        first = random.randrange(least, most - PORTS)
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            for port in range(first, first + PORTS):
                held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
