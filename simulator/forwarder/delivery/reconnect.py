"""When a closed connection is tried again: the three documented strategies as tables, with their dispersion.

Attempts are counted from the moment at which the connection closed, and traffic moves none of them.
"""

from dataclasses import dataclass
from random import Random

__all__ = ["AGGRESSIVE_SILENCE_S", "DISPERSION_S", "STRATEGIES", "Phase", "attempt_after_s", "dispersed"]

MINUTE_S, HOUR_S, DAY_S = 60.0, 3600.0, 86400.0

DISPERSION_S = 60.0
"""Each attempt is up to a minute early or late, so that many connections do not start at once."""

AGGRESSIVE_SILENCE_S = HOUR_S
"""AGGRESSIVE also restarts a connection that had no uplink for more than this."""


@dataclass(frozen=True, slots=True)
class Phase:
    """A number of attempts at one distance; None attempts go on for ever."""

    every_s: float
    attempts: int | None


STRATEGIES: dict[str, tuple[Phase, ...]] = {
    "CALM": (Phase(10 * MINUTE_S, 72), Phase(HOUR_S, 24)),
    "NORMAL": (Phase(5 * MINUTE_S, 12), Phase(HOUR_S, 24), Phase(DAY_S, None)),
    "AGGRESSIVE": (Phase(3 * MINUTE_S, 60), Phase(30 * MINUTE_S, 336), Phase(HOUR_S, None)),
}


def attempt_after_s(strategy: str, attempt: int) -> float | None:
    """Seconds from the closing to the nth attempt (from 1) without dispersion; None when the strategy has given up."""
    offset_s = 0.0
    left = attempt
    for phase in STRATEGIES[strategy]:
        if phase.attempts is None or left <= phase.attempts:
            return offset_s + left * phase.every_s
        left -= phase.attempts
        offset_s += phase.attempts * phase.every_s
    return None


def dispersed(strategy: str, attempt: int, random: Random) -> float | None:
    """The same with its random part, drawn anew at each call."""
    nominal_s = attempt_after_s(strategy, attempt)
    return None if nominal_s is None else nominal_s + random.uniform(-DISPERSION_S, DISPERSION_S)
