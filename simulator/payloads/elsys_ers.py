"""Elsys ERS, a room sensor: each reading is a type byte and its value (Elsys payload description)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from uplab.simulator.payloads.fields import scaled, whole

__all__ = ["F_PORT", "MODEL", "Readings", "encode"]

MODEL: Final = "elsys_ers"
F_PORT: Final = 5


@dataclass(frozen=True, slots=True)
class Readings:
    """What an ERS measures; `motion` counts movements, None leaves a reading out."""

    temperature_c: float | None = None
    humidity_pct: float | None = None
    light_lx: int | None = None
    motion: int | None = None
    battery_mv: int | None = None


def encode(readings: Readings) -> bytes:
    """Return the payload; ValueError names the reading that does not fit."""
    parts: list[bytes] = []
    if readings.temperature_c is not None:
        tenths = scaled("temperature_c", readings.temperature_c, per_unit=10, low=-3276.8, high=3276.7)
        parts.append(b"\x01" + tenths.to_bytes(2, "big", signed=True))
    if readings.humidity_pct is not None:
        parts.append(bytes((0x02, scaled("humidity_pct", readings.humidity_pct, low=0, high=100))))
    if readings.light_lx is not None:
        parts.append(b"\x04" + whole("light_lx", readings.light_lx, bits=16).to_bytes(2, "big"))
    if readings.motion is not None:
        parts.append(bytes((0x05, whole("motion", readings.motion, bits=8))))
    if readings.battery_mv is not None:
        parts.append(b"\x07" + whole("battery_mv", readings.battery_mv, bits=16).to_bytes(2, "big"))
    return b"".join(parts)
