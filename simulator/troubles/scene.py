"""A device in trouble: what is sent goes through here, so that each frame has its fate beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from uplab.simulator.air import Air
from uplab.simulator.devices.device import Activation, Device, Transmission
from uplab.simulator.errors import SimulatorError
from uplab.simulator.network.documents import Document

__all__ = ["NOT_HEARD", "Fate", "Measure", "Played", "Scene", "Wanted"]

Fate = Literal["accepted", "dropped", "either"]
"""What becomes of a frame at the network server: a document, none, or one of the two by chance."""

Measure = Callable[[], tuple[bytes, int]]
"""The next payload and its FPort."""

NOT_HEARD = "no gateway hears it"


class Wanted(NamedTuple):
    """What must become of one frame, and why it is dropped: a reason of `network.refused`, or NOT_HEARD."""

    fate: Fate
    why: str = ""


@dataclass(frozen=True, slots=True)
class Played:
    """The documents in the order in which the network made them, and what must become of each data frame as sent."""

    documents: list[Document]
    frames: list[Wanted]


class Scene:
    """One device in trouble: what is sent goes through here, so that each frame has its fate beside it."""

    def __init__(self, air: Air, device: Device, measure: Measure) -> None:
        self.air = air
        self.device = device
        self.measure = measure
        self.documents: list[Document] = []
        self.frames: list[Wanted] = []
        self._last: tuple[bytes, int] = (b"", 0)

    def good(self, count: int = 1, *, fate: Fate = "accepted", why: str = "", at_s: float | None = None) -> None:
        """Right uplinks, one after the other."""
        for _ in range(count):
            payload, f_port = self._last = self.measure()
            self.frames.append(Wanted(fate, why))
            self.documents += self.air.put(
                self.device, self.device.uplink(payload, f_port=f_port), payload, f_port, at_s=at_s
            )

    def bad(self, why: str, make: Callable[[bytes, int], Transmission]) -> None:
        """A frame that must be dropped."""
        payload, f_port = self.measure()
        self.frames.append(Wanted("dropped", why))
        self.documents += self.air.put(self.device, make(payload, f_port), payload, f_port)

    def again(self, why: str) -> None:
        """The device's last frame once more, byte for byte."""
        self.frames.append(Wanted("dropped", why))
        self.documents += self.air.put(self.device, self.device.repeat(), *self._last)

    def ask_to_join(self, transmission: Transmission) -> None:
        """A join request, which is no data frame and has no fate of its own here: a join document would be one more."""
        self.documents += self.air.put(self.device, transmission)

    def join(self) -> None:
        """A right join."""
        self.documents += self.air.join(self.device)
        if self.device.activation is not Activation.JOINED:
            raise SimulatorError(f"the device {self.device.dev_eui} could not join")
