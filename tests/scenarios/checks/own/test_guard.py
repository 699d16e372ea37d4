from __future__ import annotations

import contextlib
import itertools
import sys
import threading

import pytest

from uplab.scenarios.checks.own.guard import NeverEndsError, guarded, place_of


def endless() -> None:
    for _ in itertools.count():
        pass


def stubborn() -> None:
    while True:
        with contextlib.suppress(Exception):
            endless()


def test_work_that_ends_gives_back_what_it_has() -> None:
    assert guarded(lambda: 7, limit_s=30) == 7


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3), KeyboardInterrupt()])
def test_what_it_raises_is_raised_here(error: BaseException) -> None:
    def work() -> None:
        raise error

    with pytest.raises(type(error)):
        guarded(work, limit_s=30)


@pytest.mark.parametrize("work", [endless, stubborn])
def test_work_that_does_not_end_is_ended(work: object) -> None:
    with pytest.raises(NeverEndsError):
        guarded(work, limit_s=0.05)  # type: ignore[arg-type]

    left = [one for one in threading.enumerate() if one.name == "uplab-own-check"]
    for one in left:
        one.join(30)
    assert not any(one.is_alive() for one in left)


def test_place_is_the_line_of_the_file() -> None:
    try:
        guarded(lambda: 1 / 0, limit_s=30)
    except ZeroDivisionError as error:
        found = place_of(error, __file__)

    assert found.startswith("test_guard.py:")
    assert place_of(ValueError(), sys.executable) == sys.executable.rpartition("/")[2]
