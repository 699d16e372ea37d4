"""Within: what is accepted arrives in time."""

from collections.abc import Sequence
from typing import Any

from uplab.scenarios.checks.check import DeliveryCheck
from uplab.scenarios.checks.deliveries import Delivery, Route, some
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.history import Event

__all__ = ["Within"]


class Within(DeliveryCheck):
    """Each accepted document arrives within the limit, counted from the forwarder's answer at its ingress."""

    name = "within"
    promise = "each accepted uplink arrives in time"
    source = ("COM-19", "HTTP-19", "CONTRACT 4")
    asks = "how long after it was accepted did each uplink arrive?"
    advice = "what else did the forwarder do meanwhile?"
    hops = DeliveryCheck.hops | {"tunnel.answered"}

    def __init__(self, ids: Sequence[str], to: Route, *, limit_s: float) -> None:
        super().__init__(ids, to)
        self._limit_s = limit_s
        self._judged = frozenset(ids)
        self._accepted_s: dict[str, float] = {}
        self._arrived_s: dict[str, float] = {}

    @property
    def promised(self) -> str:
        """The promise, with its limit."""
        return f"each accepted uplink arrives within {self._limit_s:g} s"

    def beside(self, event: Event) -> None:
        """From here on the time counts."""
        if event.hop == "tunnel.answered":
            for id_ in self._judged.intersection(event.ids):
                if event.facts["outcome"] == "accepted":
                    self._accepted_s[id_] = event.monotonic_s
                else:
                    self._accepted_s.pop(id_, None)

    def arrived(self, delivery: Delivery) -> None:
        """The first arrival counts."""
        for id_ in self._judged.intersection(delivery.ids):
            self._arrived_s.setdefault(id_, delivery.arrived.monotonic_s)

    def verdict(self) -> Verdict:
        """The slowest, or what did not arrive at all."""
        lateness_s = {i: self._arrived_s[i] - s for i, s in self._accepted_s.items() if i in self._arrived_s}
        late = sorted((i for i, s in lateness_s.items() if s > self._limit_s), key=lambda i: -lateness_s[i])
        missing = [i for i in self._accepted_s if i not in lateness_s]
        if late or missing:
            most = f"expected at most {self._limit_s:g} s"
            happened = (
                f"{late[0]} took {lateness_s[late[0]]:.2f} s, {most}" if late else f"{some(missing)} never arrived"
            )
            return self.broken(len(self._accepted_s), happened, late or missing)
        if not lateness_s:
            return self.says("unknown", 0, "no uplink was accepted")
        slowest_s = max(lateness_s.values())
        return self.says("passed", len(lateness_s), f"the slowest took {slowest_s:.2f} s")

    def asked(self) -> dict[str, Any]:
        """With the limit."""
        return {**super().asked(), "limit_s": self._limit_s}
