"""Abeeway tracker, firmware 2.x: a GPS position (Abeeway trackers reference guide)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from uplab.simulator.payloads.abeeway import Mode, Status, header
from uplab.simulator.payloads.fields import condensed, scaled, whole

__all__ = ["F_PORT", "MODEL", "Mode", "Readings", "Status", "encode"]

MODEL: Final = "abeeway_position"
F_PORT: Final = 18

_MESSAGE: Final = 0x03
_GPS_FIX: Final = 0
_TRACKING: Final = Status(Mode.MOTION_START_END_TRACKING, tracking=True, periodic=True)


@dataclass(frozen=True, slots=True)
class Readings:
    """A position in degrees, north and east positive, as old as `age_s`; `battery_level` 0 charging, 255 unknown."""

    latitude: float
    longitude: float
    horizontal_accuracy_m: float
    temperature_c: float
    battery_level: int
    age_s: float = 0
    status: Status = _TRACKING
    ack_token: int = 0


def encode(readings: Readings) -> bytes:
    """Return the payload; ValueError names the reading that does not fit."""
    battery = whole("battery_level", readings.battery_level, bits=8)
    return (
        header(
            _MESSAGE,
            readings.status,
            battery=battery,
            temperature_c=readings.temperature_c,
            ack_token=readings.ack_token,
            option=_GPS_FIX,
        )
        + bytes((condensed("age_s", readings.age_s, low=0, high=2040),))
        + _angle("latitude", readings.latitude, 90)
        + _angle("longitude", readings.longitude, 180)
        + bytes((condensed("horizontal_accuracy_m", readings.horizontal_accuracy_m, low=0, high=1000),))
    )


def _angle(field: str, degrees: float, limit: int) -> bytes:
    """Return the upper 24 of 32 bits that count units of 1e-7 degrees."""
    return scaled(field, degrees, per_unit=1e7 / 256, low=-limit, high=limit).to_bytes(3, "big", signed=True)
