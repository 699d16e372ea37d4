"""Running the forwarder under test at another pace, for schedules that take minutes."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from uplab.scenarios import Lab

__all__ = ["needs_own_process", "running_at", "scheduled_s", "wait_until"]


def needs_own_process(lab: Lab) -> None:
    """Makes the scenario not applicable where the forwarder runs elsewhere."""
    if lab.options.command is None:
        pytest.skip("this forwarder runs elsewhere: it cannot be stopped and started from here")


@contextmanager
def running_at(lab: Lab, rate: float, *, minute: int | None = None) -> Iterator[None]:
    """The forwarder with scheduled time that runs `rate` times as fast; afterwards it runs at the usual pace again.

    With `minute` its clock is put on to so many minutes past a full hour.
    """
    needs_own_process(lab)
    ahead_s = 0.0 if minute is None else (60 * minute - time.time()) % 3600
    clock = f"{time.time() + ahead_s:.6f},{time.monotonic():.6f},{rate:g}"
    lab.restart_forwarder(environment={"UPLAB_CLOCK": clock})
    try:
        yield
    finally:
        lab.restart_forwarder(rate=1.0)


def scheduled_s(lab: Lab) -> float:
    """The forwarder's scheduled time, in seconds since 1970, by the clock that it was given (contract, UPLAB_CLOCK)."""
    epoch_s, origin_s, rate = _clock(lab)
    return epoch_s + (time.monotonic() - origin_s) * rate


def wait_until(lab: Lab, instant_s: float) -> None:
    """Waits for a moment of the forwarder's schedule, which no fact announces."""
    _, _, rate = _clock(lab)
    threading.Event().wait(max(0.0, (instant_s - scheduled_s(lab)) / rate))


def _clock(lab: Lab) -> tuple[float, float, float]:
    epoch_s, origin_s, rate = (float(part) for part in lab.forwarder.environment["UPLAB_CLOCK"].split(","))
    return epoch_s, origin_s, rate
