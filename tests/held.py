"""Holds all that is said while a test runs against the vocabulary of the history.

What the simulator, the fakes and a run say goes through their `hops`, and what a test tells a history itself through
its `emit`: both are wrapped before anything has imported them. A wrong line fails the test and not the hop: it may be
said in the thread of a fake, which answers for what goes wrong in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from types import ModuleType
from typing import Any

from uplab.fakes import hops as of_fakes
from uplab.scenarios.history.history import History
from uplab.scenarios.history.hops import problem_of
from uplab.scenarios.under_test import hops as of_run
from uplab.simulator import hops as of_simulator

__all__ = ["SIDES", "hold", "hold_all", "said_wrong"]

SIDES: tuple[ModuleType, ...] = (of_simulator, of_fakes, of_run)
"""The modules in which each side keeps its words."""

said_wrong: list[str] = []
"""What was wrong since a test began."""


def hold(hop: str, facts: Mapping[str, Any]) -> None:
    """Notes what is wrong with a line that is said."""
    plain = {name: value for name, value in facts.items() if name != "raw"}
    raw = facts.get("raw")
    wrong = problem_of(hop, plain, raw=raw is not None)
    if raw is not None and not isinstance(raw, bytes):
        wrong = f"{hop}: raw must be bytes"
    if wrong is not None and wrong not in said_wrong:
        said_wrong.append(wrong)


def hold_all() -> None:
    """Wraps every function of every side, and the history's own `emit`."""
    for side in SIDES:
        for name in side.__all__:
            if name != "Said":
                setattr(side, name, _held(getattr(side, name)))
    emit = History.emit

    @wraps(emit)
    def held(self: History, hop: str, facts: dict[str, Any]) -> None:
        hold(hop, facts)
        emit(self, hop, facts)

    History.emit = held  # type: ignore[method-assign]


def _held(say: Callable[..., tuple[str, dict[str, Any]]]) -> Callable[..., tuple[str, dict[str, Any]]]:
    @wraps(say)
    def held(**facts: Any) -> tuple[str, dict[str, Any]]:
        said = say(**facts)
        hold(*said)
        return said

    return held
