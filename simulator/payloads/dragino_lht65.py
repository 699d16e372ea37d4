"""Dragino LHT65, temperature and humidity with a probe: eleven bytes on port 2 (Dragino user manual)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from uplab.simulator.payloads.fields import scaled, whole

__all__ = ["F_PORT", "MODEL", "Readings", "encode"]

MODEL: Final = "dragino_lht65"
F_PORT: Final = 2

_NOT_MEASURED: Final = b"\x7f\xff"


@dataclass(frozen=True, slots=True)
class Readings:
    """What an LHT65 measures; `battery_status` is 0 ultra low to 3 good; the external reading needs a probe."""

    battery_v: float
    battery_status: int
    temperature_c: float
    humidity_pct: float
    external_temperature_c: float | None = None


def encode(readings: Readings) -> bytes:
    """Return the payload; ValueError names the reading that does not fit."""
    battery_mv = scaled("battery_v", readings.battery_v, per_unit=1000, low=0, high=16.383)
    battery = whole("battery_status", readings.battery_status, bits=2) << 14 | battery_mv
    humidity = scaled("humidity_pct", readings.humidity_pct, per_unit=10, low=0, high=100)
    probe = b"\x00" + _NOT_MEASURED
    if readings.external_temperature_c is not None:
        probe = b"\x01" + _hundredths("external_temperature_c", readings.external_temperature_c)
    return (
        battery.to_bytes(2, "big")
        + _hundredths("temperature_c", readings.temperature_c)
        + humidity.to_bytes(2, "big")
        + probe
        + _NOT_MEASURED
    )


def _hundredths(field: str, value: float) -> bytes:
    return scaled(field, value, per_unit=100, low=-327.68, high=327.66).to_bytes(2, "big", signed=True)
