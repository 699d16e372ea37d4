"""In order: one delivery at a time for each device, in the order in which it sent."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from uplab.scenarios.checks.check import SENT, DeliveryCheck
from uplab.scenarios.checks.deliveries import Delivery, Route, some
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.history import Event

__all__ = ["InOrder"]


@dataclass(slots=True)
class _Told:
    """What one message told of one device: the places of its uplinks in the order of sending."""

    begun: int  # the numbers of the events
    places: list[int]
    ended: int | None = None
    delivered: bool = False


class InOrder(DeliveryCheck):
    """A device's next delivery starts after the previous one ended, and in the order in which the device sent.

    One message may carry several points of a device, in any order: each has its own ts, by which ThingsBoard keeps it.
    """

    name = "in order"
    promise = "the uplinks of one device arrive in the order in which it sent them, one after the other"
    source = ("HTTP-15", "CONTRACT 4")
    asks = "in which order did the uplinks of each device come?"
    advice = "one delivery at a time for each device"
    hops = DeliveryCheck.hops | SENT

    def __init__(self, ids: Sequence[str], to: Route, *, by: str = "device") -> None:
        """`by` is "connection" where the uplinks of all devices wait for one another."""
        super().__init__(ids, to)
        self._by = by
        self._place = {id_: index for index, id_ in enumerate(ids)}
        self._device: dict[str, str] = {}
        self._under_way: dict[str, deque[_Told]] = {}  # of each device, in the order of arrival
        self._of: dict[int, list[tuple[str, _Told]]] = {}  # by the event of arrival
        self._newest: dict[str, tuple[int, int]] = {}  # of each device: place, and the event that ended it
        self._wrong: list[tuple[int, int, str]] = []
        self._examined = 0

    def beside(self, event: Event) -> None:
        """Whose a document is."""
        if event.hop in SENT and self._by == "device":
            self._device.update((i, str(event.facts.get("dev_eui"))) for i in event.ids if i in self._place)

    def asked(self) -> dict[str, Any]:
        """With whose uplinks wait for one another."""
        return {**super().asked(), **({"by": self._by} if self._by != "device" else {})}

    @property
    def promised(self) -> str:
        """The promise, for those who wait for one another."""
        return self.promise if self._by == "device" else self.promise.replace("of one device", "of one connection")

    def arrived(self, delivery: Delivery) -> None:
        """What came first has to be judged first."""
        by_device: dict[str, list[int]] = {}
        for at in sorted({self._place[id_] for id_ in delivery.ids if id_ in self._place}):
            by_device.setdefault(self._device.get(self.ids[at], ""), []).append(at)
        if not by_device or delivery.arrived.facts.get("qos") == 0:
            return
        seq = delivery.arrived.seq
        self._of[seq] = [(dev_eui, _Told(seq, places)) for dev_eui, places in by_device.items()]
        for dev_eui, told in self._of[seq]:
            self._under_way.setdefault(dev_eui, deque()).append(told)

    def answered(self, delivery: Delivery) -> None:
        """Judges what came of its devices, as far as all before it is answered."""
        assert delivery.answered is not None
        for dev_eui, told in self._of.pop(delivery.arrived.seq, ()):
            told.ended, told.delivered = delivery.answered.seq, delivery.delivered
            waiting = self._under_way[dev_eui]
            while waiting and waiting[0].ended is not None:
                self._judge(dev_eui, waiting.popleft(), self._newest, self._wrong)
            if not waiting:
                del self._under_way[dev_eui]
            if told.delivered:
                self._examined += len(told.places)

    def _judge(
        self, dev_eui: str, told: _Told, newest: dict[str, tuple[int, int]], wrong: list[tuple[int, int, str]]
    ) -> None:
        if not told.delivered:
            return
        for at in told.places:
            before, ended = newest.get(dev_eui, (-1, 0))
            if before > at:
                wrong.append((told.begun, at, f"{self.ids[at]} after {self.ids[before]}"))
            elif ended > told.begun:
                wrong.append((told.begun, at, f"{self.ids[at]} while {self.ids[before]} was open"))
        last = told.places[-1]
        if newest.get(dev_eui, (-1, 0))[0] < last:
            newest[dev_eui] = (last, told.ended or 0)

    def verdict(self) -> Verdict:
        """What is not answered at the end delivers nothing, and what waits behind it is judged without it."""
        newest, wrong = dict(self._newest), list(self._wrong)
        for dev_eui, waiting in self._under_way.items():
            for told in waiting:
                self._judge(dev_eui, told, newest, wrong)
        if wrong:
            texts = [text for _, _, text in sorted(wrong)]
            return self.broken(self._examined, f"out of order at {self.to}: {some(texts)}", (texts[0].split()[0],))
        if self._examined == 0:
            return self.says("unknown", 0, f"nothing was delivered to {self.to}")
        return self.says("passed", self._examined, f"{self._examined} deliveries in order")
