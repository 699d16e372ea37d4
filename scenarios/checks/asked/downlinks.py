"""Downlinks: each device receives its own, and what is refused reaches nobody."""

from collections.abc import Mapping, Sequence
from typing import Any

from uplab.scenarios.checks.check import Check
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.history import Event

__all__ = ["Downlinks", "NoDownlink"]

Frames = Mapping[str, Sequence[Sequence[Any]]]
"""By DevEUI: (FPort, payload in hexadecimal)."""

_MOST = 10  # devices


def _frames(frames: Sequence[tuple[int, str]]) -> str:
    """Downlinks in words."""
    return ", ".join(f"{text or 'no payload'} on FPort {port}" for port, text in frames) or "no downlink"


class _Received(Check):
    """What each of some devices has decrypted, in its order."""

    hops = frozenset({"device.received"})

    def __init__(self, devices: Sequence[str]) -> None:
        self._devices = list(devices)
        self._found: dict[str, list[tuple[int, str]]] = {device: [] for device in devices}

    def see(self, event: Event) -> None:
        """One downlink more."""
        facts = event.facts
        if event.hop == "device.received" and (found := self._found.get(str(facts["dev_eui"]))) is not None:
            found.append((facts["f_port"], facts["payload_hex"]))

    def asked(self) -> dict[str, Any]:
        """The devices."""
        return {"devices": self._devices}


class Downlinks(_Received):
    """Each device received exactly its own downlinks, decrypted, in order; the others received none."""

    name = "downlinks"
    promise = "each downlink arrives at the device that it names, unchanged and in order, and at no other"
    source = ("DL-04", "HTTP-13", "CONTRACT 5")
    asks = "which downlinks has each device decrypted, in its order?"
    advice = "compare network.downlink in the timeline with what was posted"

    def __init__(self, devices: Sequence[str], wanted: Frames) -> None:
        super().__init__(devices)
        self._wanted = {device: [(port, text) for port, text in frames] for device, frames in wanted.items()}

    def verdict(self) -> Verdict:
        """All or nothing."""
        right = {device: self._wanted.get(device, []) for device in self._devices}
        wrong = [device for device in self._devices if self._found[device] != right[device]]
        if wrong:
            told = (f"{d}: expected {_frames(right[d])}, received {_frames(self._found[d])}" for d in wrong[:_MOST])
            return self.broken(1, "; ".join(told)[:2000])
        count = sum(map(len, right.values()))
        happened = f"{count} downlinks, each at its own device of {len(self._devices)}"
        return self.says("passed", 1, happened, advice=self.advice)

    def asked(self) -> dict[str, Any]:
        """With what each was to receive."""
        return {**super().asked(), "wanted": {d: [list(frame) for frame in f] for d, f in self._wanted.items()}}


class NoDownlink(_Received):
    """Nothing is queued at the network, and no device receives anything; but for a barrier's own device."""

    name = "no downlink"
    promise = "nothing of it reaches the network or a device"
    source = ("DL-05", "CONTRACT 5")
    asks = "what was queued at the network, and what did the devices receive?"
    hops = frozenset({"device.received", "network.downlink"})

    def __init__(self, devices: Sequence[str], but: str | None = None) -> None:
        super().__init__(devices)
        self._but = but
        self._queued: list[dict[str, Any]] = []

    def see(self, event: Event) -> None:
        """Either is one too many; the first are told."""
        super().see(event)
        facts = event.facts
        if event.hop == "network.downlink" and facts["outcome"] == "queued" and facts["dev_eui"] != self._but:
            self._queued += [facts] if len(self._queued) < 10 else []

    def verdict(self) -> Verdict:
        """Silence at both."""
        told = [f"the network queued one for {one['dev_eui']}" for one in self._queued]
        told += [f"{device} received {_frames(frames)}" for device, frames in self._found.items() if frames]
        if told:
            return self.broken(1, f"{', '.join(told)[:1900]}, expected nothing")
        return self.says("passed", 1, "nothing was queued at the network, and no device received anything")

    def asked(self) -> dict[str, Any]:
        """With the device to which the barrier's downlink went."""
        return {**super().asked(), **({"but": self._but} if self._but else {})}
