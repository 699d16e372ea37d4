"""Ellenex PLS2-L, level of a liquid: eight bytes on port 1 (Ellenex driver of the ThingPark catalogue)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from uplab.simulator.payloads.fields import scaled, whole

__all__ = ["F_PORT", "MODEL", "Readings", "encode"]

MODEL: Final = "ellenex_pls2_l"
F_PORT: Final = 1

_PERIODIC: Final = b"\x00"  # the kind of payload


@dataclass(frozen=True, slots=True)
class Readings:
    """What a PLS2-L measures; `board_serial` and `temperature_raw` are sent, but the vendor's driver ignores them."""

    level_mm: int
    battery_v: float
    board_serial: int = 0x01E8
    temperature_raw: int = 0


def encode(readings: Readings) -> bytes:
    """Return the payload; ValueError names the reading that does not fit."""
    return (
        whole("board_serial", readings.board_serial, bits=16).to_bytes(2, "big")
        + _PERIODIC
        + whole("level_mm", readings.level_mm, bits=16, signed=True).to_bytes(2, "big", signed=True)
        + whole("temperature_raw", readings.temperature_raw, bits=16, signed=True).to_bytes(2, "big", signed=True)
        + bytes((scaled("battery_v", readings.battery_v, per_unit=10, low=0, high=25.5),))
    )
