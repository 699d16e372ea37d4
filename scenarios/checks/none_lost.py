"""None lost: what was accepted is delivered, what was refused is not."""

from collections.abc import Collection, Sequence
from typing import Any

from uplab.scenarios.checks.check import DeliveryCheck
from uplab.scenarios.checks.deliveries import Arrivals, Delivery, Route, place_of, some
from uplab.scenarios.checks.strangers import Strangers
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.history import Event
from uplab.scenarios.history.pointers import Pointers

__all__ = ["NoneLost"]


class NoneLost(DeliveryCheck):
    """Each document that the forwarder accepted was delivered; none that it refused was."""

    name = "none lost"
    promise = "each uplink that the forwarder accepted is delivered once, and none that it refused"
    source = ("HTTP-12", "HTTP-16", "COM-18", "CONTRACT 2")
    asks = "which accepted uplinks never arrived, and which refused ones did?"
    advice = "read the forwarder's log at the last hop of the timeline; is the device bound, the connection OPENED?"
    hops = DeliveryCheck.hops | {"tunnel.answered", "fault.delivered", "device.sent"}

    def __init__(self, ids: Sequence[str], to: Route, *, pointers: Pointers | None = None) -> None:
        """`pointers` say where an output of another form names its uplink."""
        super().__init__(ids, to)
        self._judged = frozenset(ids)
        self._strangers = Strangers(pointers)
        self._outcomes: dict[str, str] = {}  # what the forwarder answered at its ingress
        self._refusal = ""  # of the first of them, in words
        self._last: dict[str, Delivery] = {}  # the newest attempt at this place, of what was not told yet
        self._places: dict[str, set[str]] = {}  # wherever it arrived, of the same
        self._delivered: set[str] = set()
        self._told: set[str] = set()
        self._faults: set[object] = set()  # exchanges that were made to fail

    def _watched(self) -> Arrivals:
        return Arrivals()  # what is missing here may have arrived elsewhere

    def beside(self, event: Event) -> None:
        """The forwarder's answer, or a destination that is made to fail."""
        if event.hop == "fault.delivered":
            self._faults.add(event.facts["exchange"])
            return
        if event.hop == "device.sent" and not self._judged.isdisjoint(event.ids):
            self._strangers.expect(str(event.facts.get("dev_eui")))
        if event.hop != "tunnel.answered":
            return
        for id_ in self._judged.intersection(event.ids):
            self._outcomes[id_] = event.facts["outcome"]
            if id_ == self.ids[0]:
                self._refusal = f"{event.facts.get('status')} {event.facts.get('reason')}"

    def arrived(self, delivery: Delivery) -> None:
        """Notes where it came, until it is told."""
        here = self.to.takes(delivery.arrived.facts)
        if here and delivery.invented:
            self._strangers.see(delivery.arrived)
        for id_ in self._judged.intersection(delivery.ids) - self._told:
            self._places.setdefault(id_, set()).add(place_of(delivery.arrived))
            if here:
                self._last[id_] = delivery

    def answered(self, delivery: Delivery) -> None:
        """What the destination has told as taken is safe, and nothing more need be known of it."""
        if not self.to.takes(delivery.arrived.facts):
            return
        if not self._judged.isdisjoint(delivery.ids) and delivery.told:
            told = self._judged.intersection(delivery.ids)
            self._told |= told
            self._delivered |= told if delivery.delivered else set()
            for id_ in told:
                self._places.pop(id_, None)
                self._last.pop(id_, None)
        if delivery.told:
            self._faults.discard(delivery.arrived.facts["exchange"])

    def asked(self) -> dict[str, Any]:
        """With where an uplink is named."""
        pointers = self._strangers.pointers
        return {**super().asked(), **({"pointers": list(pointers)} if pointers is not None else {})}

    def verdict(self) -> Verdict:
        """Lost before leaked before not answered."""
        accepted = [i for i in self.ids if self._outcomes.get(i) == "accepted"]
        lost = [i for i in accepted if i not in self._told]
        if lost:
            return self._lost(lost, accepted)
        leaked = [i for i in self.ids if i in self._delivered and self._outcomes.get(i) == "refused"]
        if leaked:
            happened = f"refused at the ingress, yet delivered: {some(leaked)}"
            return self.broken(len(self.ids), happened, leaked, advice="a refusal must have no effect")
        unasked = [i for i in self.ids if i not in self._outcomes]
        if unasked or not self.ids:
            happened = f"no answer of the forwarder was seen for {some(unasked)}" if unasked else "no uplink was sent"
            return self.says("unknown", len(self.ids) - len(unasked), happened, hop="tunnel", ids=unasked)
        if not accepted:
            happened = f"none of {len(self.ids)} uplinks was accepted: {self._refusal}"
            advice = "does the ingress answer 2xx to a signed uplink?"
            return self.says("unknown", 0, happened, hop="forwarder", advice=advice, ids=self.ids)
        happened = f"{len(accepted)} of {len(accepted)} accepted uplinks delivered to {self.to}"
        return self.says("passed", len(accepted), happened)

    def _lost(self, lost: list[str], accepted: list[str]) -> Verdict:
        # A destination that was made to fail did its part: then it is the forwarder that did not try again.
        came = {i: self._last[i].arrived.facts for i in lost if i in self._last}
        unasked_for = [i for i, facts in came.items() if facts.get("qos") == 0]
        refusing = [i for i, facts in came.items() if facts.get("qos") != 0 and facts["exchange"] not in self._faults]
        hop = "destination" if len(refusing) == len(lost) else "forwarder"
        seen = "seen" if self._strangers.count else "arrived"
        happened = f"{len(lost)} of {len(accepted)} accepted uplinks lost at {self.to}: {_how_lost(lost, came, seen)}"
        advice = self.advice
        strange = self._strangers.told() if hop == "forwarder" and any(i not in came for i in lost) else None
        if strange is not None:
            happened += f"; {strange.happened}"
            advice = strange.advice
        elsewhere = sorted({place for i in lost for place in self._places.get(i, ())} - {str(self.to)})
        if elsewhere and hop == "forwarder":
            happened += f"; it did arrive at {some(elsewhere)}"
        if unasked_for:
            happened += f"; {some(unasked_for)} came with QoS 0, which no destination acknowledges"
            advice = "publish telemetry with QoS 1: its PUBACK is the delivery"
        return self.says("failed", len(self.ids), happened, hop=hop, advice=advice, ids=lost)


def _how_lost(lost: Sequence[str], arrived: Collection[str], seen: str) -> str:
    never = [id_ for id_ in lost if id_ not in arrived]
    refused = [id_ for id_ in lost if id_ in arrived]
    parts = [f"{some(never)} never {seen}"] if never else []
    if refused:
        parts.append(f"{some(refused)} arrived but was never answered with success while this was watched")
    return "; ".join(parts)
