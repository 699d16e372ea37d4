"""What somebody expects of a load, as a sentence: "p99 < 2s", "lost = 0", "http p50 <= 200ms", "rate > 1000"."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from uplab.scenarios.load.judging.tally import KINDS
from uplab.simulator.fleets.tables import PlanError

__all__ = ["DEFAULTS", "MEASURES", "Expectation", "Met", "met", "read_expectation"]

_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
    "==": operator.eq,
    "=": operator.eq,
}
_UNITS: Final = {
    "": 1.0, "us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "/s": 1.0, "%": 0.01, "kB": 1e3, "MB": 1e6, "GB": 1e9,
}  # fmt: skip
_COUNTS: Final = ("accepted", "refused", "unclear", "owed", "delivered", "waiting", "late", "repeated", "unknown")
_TIMES: Final = ("p50", "p90", "p99", "p99.9", "max")
MEASURES: Final[Mapping[str, str]] = {
    **dict.fromkeys((*_COUNTS, *KINDS), "count"),
    **dict.fromkeys(_TIMES, "time"),
    "rate": "rate",
    "memory": "bytes",
    "files": "count",
    "growing": "count",
}
"""What can be asked of a load, and what kind of number it is.

Memory and files are the most that the forwarder held; growing is how many of memory, files and latency go on growing.
"""

_ALLOWED: Final = {
    "count": {"", "%"},
    "time": {"us", "ms", "s", "min"},
    "rate": {"", "/s"},
    "bytes": {"kB", "MB", "GB"},
}
_SENTENCE: Final = re.compile(
    r"\s*(?:(?P<group>http|thingsboard)\s+)?(?P<measure>[a-z][a-z0-9. ]*?)\s*(?P<how><=|>=|==|<|>|=)\s*"
    r"(?P<value>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>[a-zA-Z/%]*)\s*"
)


@dataclass(frozen=True, slots=True)
class Expectation:
    """One sentence; `share` where a count is given in per cent of what was owed."""

    words: str
    group: str | None
    measure: str
    how: str
    value: float
    share: bool = False


@dataclass(frozen=True, slots=True)
class Met:
    """Whether a load was as expected: what was seen, None where nothing was."""

    expectation: Expectation
    seen: float | None

    @property
    def outcome(self) -> str:
        """passed, failed or unknown."""
        if self.seen is None:
            return "unknown"
        return "passed" if _COMPARISONS[self.expectation.how](self.seen, self.expectation.value) else "failed"

    def as_data(self) -> dict[str, Any]:
        """Plain data, for reports."""
        return {"words": self.expectation.words, "seen": self.seen, "outcome": self.outcome}


def read_expectation(where: str, text: str) -> Expectation:
    """Read one; PlanError says what would be understood."""
    match = _SENTENCE.fullmatch(text)
    if match is None:
        raise PlanError(f'{where}: {text!r} is no expectation; write as "p99 < 2s", "lost = 0" or "http rate > 500"')
    measure, unit = match["measure"], match["unit"]
    if measure not in MEASURES:
        raise PlanError(f"{where}: {text!r}: there is no {measure}; there are {', '.join(MEASURES)}")
    allowed = _ALLOWED[MEASURES[measure]]
    if unit not in allowed:
        named = ", ".join(sorted(one for one in allowed if one)) or "no unit"
        raise PlanError(f"{where}: {text!r}: {measure} takes {named}, not {unit or 'a bare number'}")
    if match["group"] and measure in ("accepted", "refused", "unclear", "unknown", "memory", "files", "growing"):
        raise PlanError(f"{where}: {text!r}: {measure} is of the whole load, and of no destination")
    value = float(match["value"]) * _UNITS[unit]
    return Expectation(text.strip(), match["group"], measure, match["how"], value, share=unit == "%")


DEFAULTS: Final = tuple(read_expectation("default", f"{kind} = 0") for kind in KINDS)
"""What is expected of every load, unless something else is said of the same."""


def met(expectation: Expectation, result: Mapping[str, Any]) -> Met:
    """How a load's result stands to it."""
    if expectation.group is not None and expectation.group not in result["groups"]:
        return Met(expectation, None)
    of = result["whole"] if expectation.group is None else result["groups"][expectation.group]
    name = expectation.measure
    if name in _TIMES:
        seen = of[f"{name}_s"]
    elif name == "rate":
        seen = of["delivered"] / result["duration_s"] if result["duration_s"] else None
    elif name in ("memory", "files"):
        seen = result["forwarder"].get(f"most_{name}")
    elif name in ("accepted", "refused", "unclear"):
        seen = result["outcomes"][name]
    elif name in ("unknown", "growing"):
        seen = result[name]
    else:
        seen = of[name]
    if seen is not None and expectation.share:
        seen = seen / of["owed"] if of["owed"] else None
    return Met(expectation, seen)
