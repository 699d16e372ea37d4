"""A simulated device, as a scenario holds it: it joins, it sends, it has received."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uplab.scenarios.lab.lab import Lab
    from uplab.simulator.devices.device import Device

__all__ = ["LabDevice", "Sent"]


@dataclass(frozen=True, slots=True)
class Sent:
    """An uplink that a device sent: its id in the history, what was measured, and the forwarder's answer to it.

    `outcome` is accepted, refused or unclear; None where no gateway heard the frame.
    """

    id: str
    dev_eui: str
    f_cnt: int
    time: str
    readings: Any
    document: dict[str, Any] | None
    outcome: str | None
    status: int | None
    reason: str


class LabDevice:
    """Drives one simulated device from a synchronous scenario."""

    def __init__(self, lab: Lab, device: Device) -> None:
        self._lab = lab
        self.device = device

    @property
    def dev_eui(self) -> str:
        """16 upper-case hexadecimal digits."""
        return str(self.device.dev_eui)

    @property
    def name(self) -> str:
        """The device's name for people."""
        return self.device.name

    @property
    def received(self) -> list[tuple[int, str]]:
        """The downlinks it decrypted, oldest first: (FPort, payload in hexadecimal)."""
        return [(one.f_port, one.payload.hex()) for one in self.device.received]

    def join(self) -> None:
        """Joins the network over the air."""
        self._lab.join(self)

    def send(self, **readings: Any) -> Sent:
        """Sends one measurement, or the readings given by name, and waits for the forwarder's answer."""
        return self._lab.send(self, **readings)

    def send_bytes(self, payload: bytes, *, f_port: int, confirmed: bool = False) -> Sent:
        """Sends a payload as it is."""
        return self._lab.send_bytes(self, payload, f_port=f_port, confirmed=confirmed)
