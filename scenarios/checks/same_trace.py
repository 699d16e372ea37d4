"""Same trace: an uplink reaches an HTTP destination in the trace with which the ingress was given it."""

import re
from collections.abc import Sequence

from uplab.scenarios.checks.check import DeliveryCheck
from uplab.scenarios.checks.deliveries import Delivery, Route, place_of
from uplab.scenarios.checks.difference import text_of
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.history import Event

__all__ = ["SameTrace"]

# Version, trace, span, flags; of a later version more may follow. Ids of zeros alone are none.
_HEADER = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?P<trace>(?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?P<more>-.*)?"
)


class SameTrace(DeliveryCheck):
    """Each delivery has one traceparent, with the trace of a post of its uplink.

    The span in it may be the one that was given, where the forwarder takes no part in the trace, or one of its own.
    """

    name = "same trace"
    promise = "a traceparent that the ingress was given goes on to the HTTP destination: the same trace, once"
    source = ("HTTP-23", "CONTRACT 4")
    asks = "with which traceparent was an uplink posted, and which came with its delivery?"
    advice = "is the header taken over where the document is stored, and sent in each attempt?"
    hops = DeliveryCheck.hops | {"tunnel.sent"}

    def __init__(self, ids: Sequence[str], to: Route) -> None:
        super().__init__(ids, to)
        self._given: dict[str, set[str]] = {id_: set() for id_ in ids}
        self._examined = 0
        self._broken: Verdict | None = None

    def beside(self, event: Event) -> None:
        """In which traces an uplink was posted; a late copy may have one of its own."""
        given = _HEADER.fullmatch(str(event.facts.get("traceparent")))
        for id_ in event.ids if given else ():
            if id_ in self._given:
                self._given[id_].add(str(given["trace"] if given else ""))

    def arrived(self, delivery: Delivery) -> None:
        """Compares, until the first that differs."""
        for id_ in delivery.ids:
            if self._given.get(id_) and self._broken is None:
                self._examined += 1
                self._compare(id_, delivery)

    def _compare(self, id_: str, delivery: Delivery) -> None:
        came = [str(value) for name, value in delivery.arrived.facts["headers"] if str(name).lower() == "traceparent"]
        found = _HEADER.fullmatch(came[0]) if len(came) == 1 else None
        if found and found["trace"] in self._given[id_] and not (found["more"] and came[0].startswith("00")):
            return
        seen = text_of(came[0][:80]) if len(came) == 1 else f"{len(came)} of it" if came else "nothing"
        wanted = " or ".join(sorted(self._given[id_]))
        happened = f"{id_} at {place_of(delivery.arrived)} traceparent: expected the trace {wanted}, received {seen}"
        self._broken = self.broken(self._examined, happened, (id_,))

    def verdict(self) -> Verdict:
        """The first that differs."""
        if self._broken is not None:
            return self._broken
        if self._examined == 0:
            return self.none_arrived()
        return self.says("passed", self._examined, f"{self._examined} deliveries in the trace of their uplink")
