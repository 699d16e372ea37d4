"""What the tests of the simulator build again and again."""

from __future__ import annotations

from typing import Any

from uplab.simulator.air import Air
from uplab.simulator.chance import Chance
from uplab.simulator.clock import ManualClock
from uplab.simulator.devices.device import Device
from uplab.simulator.devices.fleet import Fleet
from uplab.simulator.lorawan.region import EU868, Region
from uplab.simulator.network.server import NetworkServer
from uplab.simulator.radio.radio import Radio

NOON = 1_767_268_800.0  # 2026-01-01T12:00:00Z


def roots(documents: list[dict[str, Any]]) -> list[str]:
    """The root of each document."""
    return [next(iter(document)) for document in documents]


class Hops:
    """Listens to what the simulator emits."""

    def __init__(self) -> None:
        self.all: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, hop: str, facts: dict[str, Any]) -> None:
        self.all.append((hop, facts))

    def of(self, hop: str) -> list[dict[str, Any]]:
        """The facts of each hop of this name."""
        return [facts for name, facts in self.all if name == hop]


class Site:
    """Two gateways, a network server, and devices that have joined."""

    def __init__(
        self,
        *,
        seed: int = 7,
        gateway_count: int = 2,
        loss: float = 0.0,
        region: Region = EU868,
        **network: Any,
    ) -> None:
        self.chance = Chance(seed)
        self.clock = ManualClock(NOON)
        self.hops = Hops()
        self.fleet = Fleet(self.chance, region=region, gateway_count=gateway_count)
        self.network = NetworkServer(chance=self.chance, region=region, emit=self.hops, **network)
        self.radio = Radio(self.chance, loss=loss)
        self.air = Air(
            network=self.network,
            gateways=self.fleet.gateways,
            radio=self.radio,
            clock=self.clock,
            emit=self.hops,
        )

    def joined(self, **options: Any) -> Device:
        """A new device that has joined; what that emitted is forgotten."""
        device = self.fleet.device(**options)
        self.air.register(device)
        self.air.join(device)
        self.clock.advance(60)
        self.hops.all.clear()
        return device
