"""Counts of what was found, by destination, and the first of each kind with its words."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from uplab.scenarios.load.judging.sketch import Sketch

__all__ = ["KINDS", "Anomaly", "Tally"]

KINDS: Final = {
    "lost": "accepted, and never taken by its destination",
    "twice": "came again, although its destination had taken it",
    "out of order": "taken after a later one of its device, or while another was open",
    "altered": "arrived with another content than it was posted with",
    "misplaced": "arrived where its device is not bound",
    "invented": "arrived, and nobody had posted it",
    "leaked": "refused at the ingress, yet delivered",
}
"""What a forwarder must not do, by the words of the checks, and what each means."""


class Anomaly(NamedTuple):
    """One of them: whose, which, where, and in words what was seen. Times are milliseconds and microseconds."""

    kind: str
    dev_eui: str
    f_cnt: int | None
    time_ms: int | None
    place: str
    words: str
    at_us: int | None
    exchange: int = 0

    def as_data(self) -> dict[str, Any]:
        """Plain data, for reports."""
        return self._asdict()


class Tally:
    """One group of destinations. `owed` is how many accepted uplinks it had to take, `repeated` what came again after
    an end or a fault that left its answer unclear, which is allowed.
    """

    __slots__ = ("attempts", "broken", "delivered", "late", "owed", "repeated", "sketch")

    def __init__(self) -> None:
        self.attempts = 0
        self.owed = 0
        self.delivered = 0
        self.late = 0
        self.repeated = 0
        self.broken = dict.fromkeys(KINDS, 0)
        self.sketch = Sketch()

    @property
    def waiting(self) -> int:
        """How many it has yet to take."""
        return self.owed - self.delivered

    def merge(self, other: Tally) -> None:
        """Add another group's."""
        for name in ("attempts", "owed", "delivered", "late", "repeated"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for kind, count in other.broken.items():
            self.broken[kind] += count
        self.sketch.merge(other.sketch)

    def as_data(self) -> dict[str, Any]:
        """Plain data, latencies in seconds."""
        names = ("attempts", "owed", "delivered", "waiting", "late", "repeated")
        quantiles = {f"p{share * 100:g}_s": self.sketch.quantile_s(share) for share in (0.5, 0.9, 0.99, 0.999)}
        most = {"max_s": self.sketch.quantile_s(1.0)}
        return {**{name: getattr(self, name) for name in names}, **self.broken, **quantiles, **most}
