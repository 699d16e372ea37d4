"""A fleet's hours, uplink by uplink in the order of their times: joins, storms, outages of gateways and losses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from heapq import heapify, heappop, heappush
from typing import Final, NamedTuple

from uplab.simulator.air import Air
from uplab.simulator.chance import Chance
from uplab.simulator.clock import ManualClock
from uplab.simulator.devices.device import Activation, Device
from uplab.simulator.devices.fleet import Fleet
from uplab.simulator.emit import Emit, ignore
from uplab.simulator.fleets.curve import CURVES
from uplab.simulator.fleets.ledger import Ledger
from uplab.simulator.fleets.plan import Group, Plan
from uplab.simulator.fleets.rhythm import Rhythm
from uplab.simulator.network.documents import Document
from uplab.simulator.network.server import NetworkServer
from uplab.simulator.payloads import MODELS
from uplab.simulator.radio.radio import Radio

__all__ = ["Day", "Published", "devices_of"]

_JOIN_AGAIN_S: Final = (10.0, 30.0)  # from so many seconds on, and so many more by chance
_CUT, _MENDED, _STORM, _JOIN, _SEND = range(5)  # of two things at one moment the lower one is first


class Published(NamedTuple):
    """A document of the network server, and when it made it, in seconds since 1970."""

    at_s: float
    document: Document


def devices_of(plan: Plan, fleet: Fleet) -> Iterator[tuple[Device, Group]]:
    """The devices that a plan asks for, each with its group."""
    for group in plan.groups:
        for _ in range(group.count):
            yield fleet.device(group.model), group


class Day:
    """Everything that a fleet does within its hours; the same plan gives the same bytes.

    What waits is one moment for each device, so that memory depends on how many there are and not on how long it lasts.
    """

    def __init__(
        self, plan: Plan, devices: Iterable[tuple[Device, Group]] | None = None, *, emit: Emit = ignore
    ) -> None:
        """Make the fleet; `devices` take the place of those that the plan would make."""
        self.plan = plan
        chance = Chance(plan.seed)
        fleet = Fleet(chance, gateway_count=plan.gateways)
        known = list(devices_of(plan, fleet) if devices is None else devices)
        self.devices: Sequence[Device] = [device for device, _ in known]
        self.gateways = fleet.gateways
        self.ledger = Ledger([(str(device.dev_eui), device.model) for device in self.devices])
        self.now_s = plan.start_s
        self._clock = ManualClock(plan.start_s)
        self._air = Air(
            network=NetworkServer(chance=chance),
            gateways=fleet.gateways,
            radio=Radio(chance, loss=plan.loss),
            clock=self._clock,
            emit=emit,
        )
        self._chance = chance.stream("day")
        self._rhythms: list[Rhythm] = []
        self._confirmed: list[float] = []
        for device, group in known:
            self._air.register(device)
            seed = int.from_bytes(chance.derive(f"rhythm {device.dev_eui}", 8), "big")
            self._rhythms.append(Rhythm(seed, group.every_s, group.jitter, CURVES[group.curve]))
            self._confirmed.append(group.confirmed)
        self._starts_ms: list[int] = []
        self._waiting = self._agenda()

    @property
    def ends_s(self) -> float:
        """When it is over, in seconds since 1970."""
        return self.plan.start_s + self.plan.hours * 3600

    def run(self) -> Iterator[Published]:
        """Give each document as it is made; stop asking, and the ledger holds what was until then."""
        ends_ms = round(self.ends_s * 1000)
        waiting = self._waiting
        while waiting and waiting[0][0] < ends_ms:
            at_ms, what, number = heappop(waiting)
            self._clock.advance(max(0.0, at_ms / 1000 - self.now_s))
            self.now_s = at_ms / 1000
            for document in self._happen(at_ms, what, number):
                self.ledger.publish(document)
                yield Published(self.now_s, document)

    def _agenda(self) -> list[tuple[int, int, int]]:
        plan, start_ms = self.plan, round(self.plan.start_s * 1000)
        waiting: list[tuple[int, int, int]] = []
        count = max(1, len(self.devices))
        for number, rhythm in enumerate(self._rhythms):
            ramp_ms = round(plan.ramp_h * 3_600_000 * number / count)
            joins_ms = round(plan.join_within_s * 1000 * rhythm.draw())
            self._starts_ms.append(start_ms + ramp_ms + joins_ms)
            waiting.append((self._starts_ms[-1], _JOIN, number))
        for outage in plan.outages:
            cut_ms = start_ms + round(outage.from_h * 3_600_000)
            waiting.append((cut_ms, _CUT, outage.gateway - 1))
            waiting.append((cut_ms + round(outage.minutes * 60_000), _MENDED, outage.gateway - 1))
        for number, storm in enumerate(plan.storms):
            waiting.append((start_ms + round(storm.at_h * 3_600_000), _STORM, number))
        heapify(waiting)
        return waiting

    def _happen(self, at_ms: int, what: int, number: int) -> Sequence[Document]:
        if what == _SEND:
            heappush(self._waiting, (self._rhythms[number].next(at_ms), _SEND, number))
            return self._send(number)
        if what == _JOIN:
            return self._join(at_ms, number)
        if what == _STORM:
            self._storm(at_ms, number)
            return ()
        gateway = self.gateways[number]
        if what == _CUT:
            self._air.disconnect(gateway)
            return ()
        return self._air.reconnect(gateway)

    def _send(self, number: int) -> Sequence[Document]:
        device = self.devices[number]
        if device.activation is not Activation.JOINED:
            self.ledger.not_joined[number] += 1
            return ()
        model = MODELS[device.model]
        share = self._confirmed[number]
        confirmed = share > 0 and self._rhythms[number].draw() < share
        self.ledger.sent[number] += 1
        payload = model.encode(device.measure())
        return self._air.send(device, payload, f_port=model.f_port, confirmed=confirmed, at_s=self.now_s)

    def _join(self, at_ms: int, number: int) -> Sequence[Document]:
        """Join, or try again later; the first success begins the rhythm."""
        device, rhythm = self.devices[number], self._rhythms[number]
        self.ledger.join_tries[number] += 1
        documents = self._air.join(device)
        if device.activation is not Activation.JOINED:
            least_s, more_s = _JOIN_AGAIN_S
            heappush(self._waiting, (at_ms + round(1000 * (least_s + more_s * rhythm.draw())), _JOIN, number))
            return documents
        self.ledger.joins[number] += 1
        if self.ledger.joins[number] == 1:
            heappush(self._waiting, (rhythm.first(at_ms), _SEND, number))
        return documents

    def _storm(self, at_ms: int, number: int) -> None:
        storm = self.plan.storms[number]
        count = round(storm.share * len(self.devices))
        for device in sorted(self._chance.sample(range(len(self.devices)), count)):
            within_ms = round(storm.within_s * 1000 * self._rhythms[device].draw())
            heappush(self._waiting, (at_ms + within_ms, _JOIN, device))
