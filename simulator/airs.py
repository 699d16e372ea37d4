"""Several regions at once: the air and the network server of each, and one door for downlinks to all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from uplab.simulator.air import Air
from uplab.simulator.chance import Chance
from uplab.simulator.clock import Clock
from uplab.simulator.devices.device import Device
from uplab.simulator.devices.fleet import Fleet
from uplab.simulator.emit import Emit, ignore
from uplab.simulator.lorawan.region import EU868, Region
from uplab.simulator.network.documents import Account
from uplab.simulator.network.downlink_queue import Queued, Rejected
from uplab.simulator.network.server import NetworkServer
from uplab.simulator.radio.radio import Radio

__all__ = ["Airs"]

_MOST_NET_ID = 0x3F  # NetIDs of type 0 have six bits (LoRaWAN Backend Interfaces 1.0, chapter 12)


class Airs:
    """An air for each region, made when somebody asks for it; who its customer is depends on the chance.

    Towards applications it is one network server: `enqueue` and `flush` go to the one that knows the device, and
    `queued` is told of each downlink that was taken, so that a class C device can be sent it at once.
    """

    def __init__(self, chance: Chance, *, clock: Clock, emit: Emit = ignore) -> None:
        self.queued: Callable[[Device], None] | None = None
        self._chance = chance
        self._radio_chance = chance
        self._clock = clock
        self._emit = emit
        self._airs: dict[str, Air] = {}
        self._devices: dict[str, Device] = {}
        self.of(EU868)

    def __iter__(self) -> Iterator[Air]:
        """Go through those that there are."""
        return iter(self._airs.values())

    def of(self, region: Region) -> Air:
        """Return the air of a region."""
        return self._airs.get(region.name) or self._make(region)

    def register(self, device: Device, account: Account | None = None) -> None:
        """Provision a device at the network server of its region."""
        self.of(device.region).register(device, account)
        self._devices[str(device.dev_eui)] = device

    def draw(self, chance: Chance) -> None:
        """Draw signals from this chance from now on, in every region."""
        self._radio_chance = chance
        for air in self:
            air.radio = Radio(chance)

    @property
    def regime(self) -> str:
        """How documents carry numbers: typed, or all as strings."""
        return next(iter(self)).network.regime

    def speak(self, regime: str) -> None:
        """Have every network server write numbers so from now on."""
        for air in self:
            air.network.regime = "strings" if regime == "strings" else "typed"

    def enqueue(
        self,
        dev_eui: str,
        f_port: int,
        payload: bytes,
        *,
        confirmed: bool = False,
        flush: bool = False,
        valid_until_s: float | None = None,
        correlation_id: str | None = None,
        now: float,
    ) -> Queued | Rejected:
        """Queue a downlink at the network server that knows the device; any other one says that it does not."""
        outcome = self._network(dev_eui).enqueue(
            dev_eui,
            f_port,
            payload,
            confirmed=confirmed,
            flush=flush,
            valid_until_s=valid_until_s,
            correlation_id=correlation_id,
            now=now,
        )
        device = self._devices.get(dev_eui.upper())
        if isinstance(outcome, Queued) and device is not None and self.queued is not None:
            self.queued(device)
        return outcome

    def flush(self, dev_eui: str) -> Queued | Rejected:
        """Empty the device's queue."""
        return self._network(dev_eui).flush(dev_eui)

    def _network(self, dev_eui: str) -> NetworkServer:
        device = self._devices.get(dev_eui.upper())
        return self.of(EU868 if device is None else device.region).network

    def _make(self, region: Region) -> Air:
        chance = self._chance if region is EU868 else Chance(f"{self._chance.seed} {region.name}")
        network = NetworkServer(
            chance=chance,
            region=region,
            emit=self._emit,
            regime="strings" if self._airs and self.regime == "strings" else "typed",
            # One operator and one customer, whatever the region.
            customer_id=f"1{int.from_bytes(self._chance.derive('customer', 4)) % 10**8:08d}",
            lrc_id=f"{int.from_bytes(chance.derive('network', 2)) or 1:08X}",
            net_id=self._chance.derive("network id", 1)[0] & _MOST_NET_ID or 1,
        )
        made = Air(
            network=network,
            gateways=Fleet(chance, region=region).gateways,
            radio=Radio(self._radio_chance),
            clock=self._clock,
            emit=self._emit,
        )
        self._airs[region.name] = made
        return made
