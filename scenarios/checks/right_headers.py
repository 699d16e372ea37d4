"""Right headers: each configured header arrives once, with exactly its value."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from uplab.scenarios.checks.check import SENT, DeliveryCheck
from uplab.scenarios.checks.deliveries import Delivery, Route, place_of
from uplab.scenarios.checks.difference import text_of
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.history import Event
from uplab.scenarios.history.secrets import redact_text

__all__ = ["RightHeaders"]


class RightHeaders(DeliveryCheck):
    """Each delivery carries each expected header once, with exactly its value, which may depend on the DevEUI."""

    name = "right headers"
    promise = "every configured header reaches the destination once, with exactly its value"
    source = ("HTTP-05", "HTTP-06", "CONTRACT 4")
    asks = "which headers came, how often, and with which values?"
    advice = "is the header configured on this connection, and its pattern resolved for this uplink?"
    hops = DeliveryCheck.hops | SENT

    def __init__(self, ids: Sequence[str], to: Route, expected: Mapping[str, Callable[[str], str]]) -> None:
        super().__init__(ids, to)
        self._expected = expected
        self._device = dict.fromkeys(ids, "")
        self._devices: set[str] = set()
        self._examined = 0
        self._broken: Verdict | None = None

    @property
    def promised(self) -> str:
        """The promise, with the names of the headers."""
        return f"{self.promise}: {', '.join(self._expected)}"

    def beside(self, event: Event) -> None:
        """Whose a document is."""
        if event.hop in SENT:
            self._devices.add(str(event.facts.get("dev_eui")))
            self._device.update((i, str(event.facts.get("dev_eui"))) for i in event.ids if i in self._device)

    def arrived(self, delivery: Delivery) -> None:
        """Compares, until the first that differs."""
        for id_ in delivery.ids:
            if id_ in self._device and self._broken is None:
                self._examined += 1
                self._compare(id_, delivery)

    def _compare(self, id_: str, delivery: Delivery) -> None:
        for name, value_for in self._expected.items():
            got = [v for n, v in delivery.arrived.facts["headers"] if n.lower() == name.lower()]
            want = redact_text(value_for(self._device[id_]))
            if got != [want]:
                seen = text_of(got[0]) if len(got) == 1 else f"{len(got)} of it" if got else "nothing"
                # In the words of the standing invariant, so that both tell one cause.
                where = place_of(delivery.arrived)
                happened = f"{id_} at {where} {name}: expected {text_of(want)}, received {seen}"
                self._broken = self.broken(self._examined, happened, (id_,))
                return

    def verdict(self) -> Verdict:
        """The first that differs."""
        if self._broken is not None:
            return self._broken
        if self._examined == 0:
            return self.none_arrived()
        return self.says("passed", self._examined, f"{self._examined} deliveries with exactly these values")

    def asked(self) -> dict[str, Any]:
        """With the values: a value that may depend on the device becomes one for each device."""
        values = {
            name: {device: redact_text(value_for(device)) for device in sorted(self._devices)}
            for name, value_for in self._expected.items()
        }
        return {**super().asked(), "expected": values}
