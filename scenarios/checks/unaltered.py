"""Unaltered: what is delivered equals, as JSON, what came."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from uplab.scenarios.checks.check import DeliveryCheck
from uplab.scenarios.checks.deliveries import Delivery, Route, in_doubt
from uplab.scenarios.checks.difference import difference, doubles, without_additions
from uplab.scenarios.checks.difference import numbers as digits
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.history import Event
from uplab.scenarios.history.secrets import redact_text

__all__ = ["Unaltered"]


@dataclass(slots=True)
class _Sent:
    """A document as the tunnel carried it, and how many posts of it are not delivered yet."""

    raw: bytes
    posts: int


class Unaltered(DeliveryCheck):
    """Each delivered document equals, as JSON, the one that the tunnel carried to the forwarder."""

    name = "unaltered"
    promise = (
        "delivered unaltered; only downlinkUrl, payload, points, payloadDecodedError and the driver's id are added"
    )
    source = ("HTTP-15", "COM-16", "CONTRACT 4")
    asks = "what differs between the document that was posted and the one that was delivered?"
    advice = "pass the document on as it came"
    hops = DeliveryCheck.hops | {"tunnel.sent"}

    def __init__(self, ids: Sequence[str], to: Route, *, numbers: str = "exact") -> None:
        """`numbers` is "double" for a forwarder that promises what IEEE 754 makes of a number, and no digit more."""
        super().__init__(ids, to)
        self._read = doubles if numbers == "double" else digits
        self._judged = frozenset(ids)
        self._sent: dict[str, _Sent] = {}  # of what is under way
        self._examined = 0
        self._broken: Verdict | None = None
        self._doubtful = ""

    def beside(self, event: Event) -> None:
        """The document on its way to the forwarder."""
        if event.hop == "tunnel.sent" and event.raw is not None and event.ids and event.ids[0] in self._judged:
            before = self._sent.get(event.ids[0])
            self._sent[event.ids[0]] = _Sent(event.raw, before.posts + 1 if before else 1)

    def arrived(self, delivery: Delivery) -> None:
        """Compares, until the first that differs."""
        if self._broken is not None:
            return
        raw = delivery.arrived.raw or b""
        if delivery.invented:
            shown = redact_text(raw[:120].decode(errors="replace"))
            happened = f"a document arrived at {self.to} that no device sent: {shown}"
            advice = "compare DevEUI, FCntUp and Time with the timeline"
            self._broken = self.broken(self._examined + 1, happened, advice=advice)
            return
        if delivery.doubtful:
            self._doubtful = self._doubtful or in_doubt(delivery)
        for id_ in delivery.ids:
            sent = self._sent.get(id_)
            if sent is None:
                continue
            self._examined += 1
            found = difference(without_additions(self._read(sent.raw)), without_additions(self._read(raw)))
            if found:
                self._broken = self.broken(self._examined, f"{id_} was altered at {found}", (id_,))
                return

    def answered(self, delivery: Delivery) -> None:
        """What is delivered need not be known any more."""
        for id_ in delivery.ids if delivery.delivered else ():
            if (sent := self._sent.get(id_)) is not None:
                sent.posts -= 1
                if not sent.posts:
                    del self._sent[id_]

    def asked(self) -> dict[str, Any]:
        """With what is promised of numbers."""
        return {**super().asked(), **({"numbers": "double"} if self._read is doubles else {})}

    def verdict(self) -> Verdict:
        """The first that differs, else the first in doubt."""
        if self._broken is not None:
            return self._broken
        if self._doubtful:
            return self.says("unknown", self._examined, self._doubtful)
        if self._examined == 0:
            return self.none_arrived()
        return self.says("passed", self._examined, f"{self._examined} documents equal as JSON")
