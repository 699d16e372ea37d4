"""Right place: documents arrive at their own destination and nowhere else."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from uplab.scenarios.checks.check import DeliveryCheck
from uplab.scenarios.checks.deliveries import ARRIVALS, Arrivals, Delivery, Route, in_doubt, is_of_the_link, some
from uplab.scenarios.checks.verdict import Verdict

__all__ = ["RightPlace"]


class RightPlace(DeliveryCheck):
    """Documents arrive at their own destination and nowhere else, but where `also` allows it."""

    name = "right place"
    promise = "uplinks arrive at their destination and nowhere else"
    source = ("HTTP-12", "HTTP-13", "COM-22", "CONTRACT 3")
    asks = "where else did these uplinks arrive?"
    advice = "which connections is the device bound to?"
    hops = ARRIVALS

    def __init__(self, ids: Sequence[str], to: Route, also: Sequence[Route] = ()) -> None:
        super().__init__(ids, to)
        self._judged, self._allowed = frozenset(ids), (to, *also)
        self._examined = 0
        self._wrong = 0
        self._ids: list[str] = []
        self._first: Delivery | None = None
        self._doubtful = ""

    def _watched(self) -> Arrivals:
        return Arrivals()

    @property
    def promised(self) -> str:
        """The promise, with the place in it."""
        return f"uplinks arrive at {self.to} and nowhere else"

    def arrived(self, delivery: Delivery) -> None:
        """Counts what arrives elsewhere."""
        self._examined += 1
        if any(route.takes(delivery.arrived.facts) for route in self._allowed) or is_of_the_link(delivery.arrived):
            return
        if not self._judged.isdisjoint(delivery.ids) or delivery.invented:
            self._wrong += 1
            self._ids += delivery.ids
            self._first = self._first or delivery
        elif delivery.doubtful:
            self._doubtful = self._doubtful or in_doubt(delivery)

    def verdict(self) -> Verdict:
        """What was seen elsewhere, else the first in doubt."""
        if self._first is not None:
            facts = self._first.arrived.facts
            where = f"{facts.get('host', '')}{facts.get('url') or facts.get('topic')}"
            what = some(self._ids) or "a document that no device sent"
            happened = f"{self._wrong} arrived elsewhere, the first at {where}: {what}"
            return self.broken(self._examined, happened, self._first.ids)
        if self._doubtful:
            return self.says("unknown", self._examined, self._doubtful)
        if not self._examined:
            return self.says("unknown", 0, "nothing arrived anywhere")
        return self.says("passed", self._examined, f"{self._examined} arrivals, none elsewhere")

    def asked(self) -> dict[str, Any]:
        """With the other places that are right."""
        return {**super().asked(), "also": [asdict(route) for route in self._allowed[1:]]}
