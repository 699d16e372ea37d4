"""What several tests of the scenarios' machinery are given."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

__all__ = ["WaitUntil", "wait_until"]

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
