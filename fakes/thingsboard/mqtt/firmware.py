"""Firmware of devices: who should have which package, and how a device is told.

An assigned package is told by shared attributes, and its progress starts as telemetry (DefaultOtaPackageStateService).
"""

from typing import Final

from uplab.fakes.thingsboard.mqtt.links import Links
from uplab.fakes.thingsboard.mqtt.session import Command
from uplab.fakes.thingsboard.state.package import Package
from uplab.fakes.thingsboard.state.payloads import Value
from uplab.fakes.thingsboard.state.tenant import Device, State

__all__ = ["assigned", "told"]

_KEYS: Final = [f"fw_{name}" for name in ("title", "version", "tag", "size", "checksum", "checksum_algorithm")]


def assigned(state: State, device: Device) -> Package | None:
    """The firmware that a device should have: its own, else its profile's."""
    found = state.packages.get(device.firmware_id or device.profile.firmware_id or "")
    return found if found is not None and found.data else None


def told(links: Links, device: Device) -> list[Command]:
    """Tell a device of its firmware, if that has changed: shared attributes, and telemetry of the update's state."""
    state = links.state
    package = assigned(state, device)
    wanted = package.id if package else None
    if wanted == device.firmware_told:
        return []
    device.firmware_told = wanted
    now_ms = state.now()
    if package is None:
        gone = device.delete_attributes("SHARED_SCOPE", _KEYS, now_ms)
        return links.attributes_changed(device, {}, gone)
    said: dict[str, Value] = {
        name: str(package.fields[name]) for name in ("title", "version", "tag") if package.fields.get(name)
    }
    target = {f"target_fw_{name}": value for name, value in said.items()}
    device.save_telemetry(now_ms, {**target, "target_fw_ts": now_ms, "fw_state": "QUEUED"})
    values: dict[str, Value] = {
        **{f"fw_{name}": value for name, value in said.items()},
        "fw_size": len(package.data),
        "fw_checksum_algorithm": package.file["checksumAlgorithm"],
        "fw_checksum": package.file["checksum"],
    }
    device.save_attributes("SHARED_SCOPE", values, now_ms)
    device.save_telemetry(now_ms, {"fw_state": "INITIATED"})
    return links.attributes_changed(device, values)
