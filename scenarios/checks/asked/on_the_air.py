"""What becomes of frames of which it is known what a network server must do with them: dropped, or accepted once."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from uplab.scenarios.checks.check import Check
from uplab.scenarios.checks.deliveries import ANSWERS, ARRIVALS, Arrivals, Delivery, Route, some
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.history import Event

__all__ = ["OnTheAir"]


class OnTheAir(Check):
    """Frames by their ids, each with its fate: "accepted", "dropped", or "either" where chance decides.

    Whether the network server did what it must is judged first: it is ours, and of what it got wrong nobody else is to
    blame. Then what it dropped must not arrive, and what it took, and the forwarder accepted, must arrive once.
    """

    name = "on the air"
    promise = "what the network server drops reaches no destination, what it accepts arrives once"
    source = ("AIR-01", "AIR-02", "CONTRACT 2")
    asks = "which frames did the network server take, and how often did each arrive there?"
    advice = "by what does the forwarder tell a copy? A counter begins anew with each join, and Late uplinks are older"
    hops = ARRIVALS | ANSWERS | {"device.sent", "network.document", "tunnel.answered"}

    def __init__(self, promised: str, fates: Mapping[str, str], to: Route) -> None:
        self._promised = promised
        self._fates = dict(fates)
        self._to = to
        self._arrivals = Arrivals(to)
        self._sent: set[str] = set()
        self._documents: Counter[str] = Counter()
        self._refused: set[str] = set()  # by the forwarder
        self._came: Counter[str] = Counter()
        self._delivered: set[str] = set()

    @property
    def promised(self) -> str:
        """What happens on the air, in the words of its row."""
        return self._promised

    def see(self, event: Event) -> None:
        """One line more."""
        delivery = self._arrivals.see(event)
        if delivery is not None:
            self._see_delivery(delivery)
            return
        for id_ in event.ids:
            if id_ not in self._fates:
                continue
            if event.hop == "device.sent":
                self._sent.add(id_)
            elif event.hop == "network.document":
                self._documents[id_] += 1
            elif event.hop == "tunnel.answered" and event.facts.get("outcome") != "accepted":
                self._refused.add(id_)

    def _see_delivery(self, delivery: Delivery) -> None:
        found = [id_ for id_ in delivery.ids if id_ in self._fates]
        if delivery.answered is None:
            self._came.update(found)
        elif delivery.told:
            self._delivered.update(found)

    def verdict(self) -> Verdict:
        """The network server before the forwarder; too much before too little."""
        taken = [id_ for id_ in self._fates if self._documents[id_]]
        if not self._sent or self._sent != set(self._fates):
            missing = [id_ for id_ in self._fates if id_ not in self._sent]
            return self.says("unknown", len(self._sent), f"never sent: {some(missing) or 'none was named'}")
        if wrong := self._network():
            return self.says("failed", len(self._sent), f"the network server {wrong}", hop="network")
        phantoms = [id_ for id_ in self._fates if self._came[id_] and not self._documents[id_]]
        if phantoms:
            return self.broken(len(self._sent), f"dropped by the network server, yet at {self._to}: {some(phantoms)}")
        twice = [id_ for id_ in taken if self._came[id_] > 1]
        if twice:
            return self.broken(len(self._sent), f"arrived at {self._to} more than once: {some(twice)}", twice)
        refused = [id_ for id_ in taken if id_ in self._refused]
        lost = [id_ for id_ in taken if id_ not in self._delivered and id_ not in self._refused]
        if lost:
            return self.broken(len(self._sent), f"never delivered to {self._to}: {some(lost)}", lost)
        if refused:
            happened = f"not accepted at the ingress: {some(refused)}"
            return self.says("unknown", len(self._sent), happened, hop="forwarder", ids=refused)
        dropped = len(self._fates) - len(taken)
        return self.says("passed", len(self._sent), f"{len(taken)} accepted and delivered once, {dropped} dropped")

    def _network(self) -> str:
        """What the network server did wrong, in words; nothing where it was right."""
        for id_, fate in self._fates.items():
            count = self._documents[id_]
            if fate == "dropped" and count:
                return f"took {id_}, which it has to drop"
            if fate == "accepted" and not count:
                return f"dropped {id_}, which it has to take"
            if count > 1:
                return f"made {count} documents of {id_}"
        return ""

    def asked(self) -> dict[str, Any]:
        """With the fates."""
        return {"promised": self._promised, "fates": self._fates, "to": asdict(self._to)}
