"""Makes a failing world smaller as long as it fails alike: k of n times, by the same check at the same hop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from uplab.scenarios.worlds.plan import Plan
from uplab.scenarios.worlds.shrinking.smaller import smaller

__all__ = ["Shrunk", "Trial", "shrink"]

Trial = Callable[[Sequence[Plan]], list[int]]
"""Plays each world n times, each time in a fresh forwarder; how often each failed alike."""

_AT_ONCE: Final = 6  # candidates of one trial: the first of them that fails is taken


@dataclass(frozen=True, slots=True)
class Shrunk:
    """The smallest world that failed, how often of `times`, and what was left out of it last: (what, how often then).

    `whole` says that nothing more could be left out; else the budget was over before.
    """

    plan: Plan
    failed: int
    times: int
    ablation: tuple[tuple[str, int], ...]
    whole: bool
    played: int


def shrink(plan: Plan, trial: Trial, *, times: int, goes_on: Callable[[], bool]) -> Shrunk | None:
    """The smallest world that fails at least as often as the first does, to within one; None where it never failed.

    `goes_on` says whether the budget allows another trial.
    """
    [failed] = trial([plan])
    played = times
    if not failed:
        return None
    least = max(1, failed - 1)
    now = plan
    told: list[tuple[str, int]] = []
    found = True
    while found and goes_on():
        found, told = False, []
        candidates = list(smaller(now))
        for at in range(0, len(candidates), _AT_ONCE):
            if not goes_on():
                return Shrunk(now, failed, times, tuple(told), False, played)
            some = candidates[at : at + _AT_ONCE]
            counts = trial([one for _, one in some])
            played += times * len(some)
            told += [(what, count) for (what, _), count in zip(some, counts, strict=True) if count < least]
            taken = next((index for index, count in enumerate(counts) if count >= least), None)
            if taken is not None:
                now, failed, found = some[taken][1], counts[taken], True
                break
    return Shrunk(now, failed, times, tuple(told), not found, played)
