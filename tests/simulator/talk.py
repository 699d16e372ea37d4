"""A network server spoken to by hand: every frame carried, every command looked at."""

from __future__ import annotations

from typing import Any

from tests.simulator.make import NOON, Hops
from uplab.simulator.chance import Chance
from uplab.simulator.devices.device import Device
from uplab.simulator.lorawan.ids import DevEUI, JoinEUI, Key
from uplab.simulator.network.documents import Account
from uplab.simulator.network.server import Command, NetworkServer, Publish, Transmit
from uplab.simulator.radio.gateway import Gateway, Reception
from uplab.simulator.radio.radio import Signal

DEV_EUI, JOIN_EUI = DevEUI("0018B20000000B20"), JoinEUI("0018B24441524632")
APP_KEY = Key(bytes(range(16)))
NEAR, FAR = Signal(-60.0, 12.0, -60.27), Signal(-99.0, 3.25, -100.68)


class Talk:
    """A network server with two gateways and one device, and the frames between them carried by hand."""

    def __init__(self, **options: Any) -> None:
        self.hops = Hops()
        gateways = [
            Gateway(lrr_id, (0.0, 0.0), latitude=48.9, longitude=2.1) for lrr_id in ("10000033", "10000034", "10000035")
        ]
        self.server = NetworkServer(chance=Chance(7), gateways=gateways, emit=self.hops, **options)
        self.server.register(DEV_EUI, JOIN_EUI, APP_KEY, Account(name="Door 3"))
        self.device = Device(dev_eui=DEV_EUI, join_eui=JOIN_EUI, app_key=APP_KEY, chance=Chance(7))

    def hear(
        self, phy: bytes, now: float = NOON, *, by: str = "10000033", signal: Signal = NEAR, late: bool = False
    ) -> list[Command]:
        return list(self.server.heard([Reception(by, phy, signal, 1, 5, now, late)], now))

    def take(self, phy: bytes, now: float = NOON, *, late: bool = False) -> list[Command]:
        """One gateway hears it, the window closes."""
        self.hear(phy, now, late=late)
        return self.server.woken(now + 0.2)

    def join(self) -> list[Command]:
        commands = self.take(self.device.join_request().phy)
        for command in commands:
            if isinstance(command, Transmit):
                self.device.receive(command.phy, window=command.window)
        self.hops.all.clear()
        return commands

    def up(self, payload: bytes = b"\x01", *, confirmed: bool = False) -> bytes:
        return self.device.uplink(payload, f_port=5, confirmed=confirmed).phy

    def reasons(self) -> list[str]:
        return [facts["reason"] for facts in self.hops.of("network.refused")]


def bodies(commands: list[Command], root: str = "DevEUI_uplink") -> list[dict[str, Any]]:
    published = [command.document for command in commands if isinstance(command, Publish)]
    return [document[root] for document in published if root in document]


def transmits(commands: list[Command]) -> list[Transmit]:
    return [command for command in commands if isinstance(command, Transmit)]
