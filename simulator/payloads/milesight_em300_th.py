"""Milesight EM300-TH, temperature and humidity: channel, type and little-endian value (Milesight user guide)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from uplab.simulator.payloads.fields import scaled

__all__ = ["F_PORT", "MODEL", "Readings", "encode"]

MODEL: Final = "milesight_em300_th"
F_PORT: Final = 85


@dataclass(frozen=True, slots=True)
class Readings:
    """What an EM300-TH measures; humidity is sent in steps of 0.5 %, None leaves a reading out."""

    battery_pct: float | None = None
    temperature_c: float | None = None
    humidity_pct: float | None = None


def encode(readings: Readings) -> bytes:
    """Return the payload; ValueError names the reading that does not fit."""
    parts: list[bytes] = []
    if readings.battery_pct is not None:
        parts.append(bytes((0x01, 0x75, scaled("battery_pct", readings.battery_pct, low=0, high=100))))
    if readings.temperature_c is not None:
        tenths = scaled("temperature_c", readings.temperature_c, per_unit=10, low=-3276.8, high=3276.7)
        parts.append(b"\x03\x67" + tenths.to_bytes(2, "little", signed=True))
    if readings.humidity_pct is not None:
        parts.append(bytes((0x04, 0x68, scaled("humidity_pct", readings.humidity_pct, per_unit=2, low=0, high=100))))
    return b"".join(parts)
