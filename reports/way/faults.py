"""Faults over time: from when a fake was told to misbehave until it was told to be well, or the scenario's end."""

import math
from dataclasses import dataclass
from typing import Any

from uplab.reports.run import Line
from uplab.reports.text import one_line
from uplab.reports.way.hops import place

__all__ = ["Band", "Faults"]

_MOST = 200  # bands of one scenario


@dataclass(frozen=True, slots=True)
class Band:
    """One fake's plan of faults while it held, on the run's monotonic clock; `ended_s` may be infinite."""

    place: str
    begun_s: float
    ended_s: float
    words: str


class Faults:
    """Takes the lines of a history one after the other, and has the bands."""

    def __init__(self) -> None:
        self._open: dict[str, Band] = {}
        self._closed: list[Band] = []

    def add(self, line: Line) -> None:
        """The next line."""
        if line.hop == "forwarder.ended":
            said = f"the run {line.facts.get('how', 'ended')} the forwarder"
            self._keep(Band("forwarder", line.monotonic_s, line.monotonic_s, said))
        if line.hop != "fault.planned":
            return
        where = place("destination.arrived", line.facts)
        if (before := self._open.pop(where, None)) is not None:
            self._keep(Band(before.place, before.begun_s, line.monotonic_s, before.words))
        faults = line.facts.get("faults")
        if isinstance(faults, list) and faults:
            words = one_line(", ".join(_name(fault) for fault in faults), 120)
            self._open[where] = Band(where, line.monotonic_s, math.inf, words)

    def _keep(self, band: Band) -> None:
        if len(self._closed) < _MOST:
            self._closed.append(band)

    @property
    def bands(self) -> tuple[Band, ...]:
        """All so far, those that still hold last."""
        return (*self._closed, *self._open.values())


def _name(fault: Any) -> str:
    return str(fault.get("id", "?")) if isinstance(fault, dict) else "?"
