"""Abeeway tracker, firmware 1.x: a heartbeat (Abeeway trackers reference guide)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from uplab.simulator.payloads.abeeway import Mode, Status, header
from uplab.simulator.payloads.fields import condensed, whole

__all__ = ["F_PORT", "MODEL", "Mode", "Readings", "Status", "encode"]

MODEL: Final = "abeeway_heartbeat"
F_PORT: Final = 17

_MESSAGE: Final = 0x05
_NO_OPTION: Final = 0
_IDLE: Final = Status(Mode.MOTION_TRACKING)


@dataclass(frozen=True, slots=True)
class Readings:
    """What a heartbeat says; `battery_voltage_v` is None while charging, a step of it is 5.5 mV."""

    battery_voltage_v: float | None
    temperature_c: float
    firmware_version: tuple[int, int, int]
    ble_firmware_version: tuple[int, int, int] = (0, 0, 0)
    reset_cause: int = 0
    status: Status = _IDLE
    ack_token: int = 0


def encode(readings: Readings) -> bytes:
    """Return the payload; ValueError names the reading that does not fit."""
    battery = 0
    if readings.battery_voltage_v is not None:
        battery = condensed("battery_voltage_v", readings.battery_voltage_v, low=2.8, high=4.2, reserved=2)
    return (
        header(
            _MESSAGE,
            readings.status,
            battery=battery,
            temperature_c=readings.temperature_c,
            ack_token=readings.ack_token,
            option=_NO_OPTION,
        )
        + bytes((whole("reset_cause", readings.reset_cause, bits=8),))
        + _version("firmware_version", readings.firmware_version)
        + _version("ble_firmware_version", readings.ble_firmware_version)
    )


def _version(field: str, version: tuple[int, int, int]) -> bytes:
    return bytes(whole(field, part, bits=8) for part in version)
