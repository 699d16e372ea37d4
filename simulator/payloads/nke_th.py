"""NKE Watteco TH, temperature and humidity: one attribute report of the ZigBee cluster library in each payload."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from uplab.simulator.payloads.fields import scaled

__all__ = ["F_PORT", "MODEL", "Readings", "encode"]

MODEL: Final = "nke_th"
F_PORT: Final = 125

_FRAME_CONTROL: Final = 0x11  # end point 0
_REPORT: Final = 0x0A
_ALARM: Final = 0x80  # added to the report when a threshold was crossed
_TEMPERATURE: Final = bytes.fromhex("0402000029")  # cluster, attribute, type int16
_HUMIDITY: Final = bytes.fromhex("0405000021")  # cluster, attribute, type uint16


@dataclass(frozen=True, slots=True)
class Readings:
    """One of the two things that a TH measures, and whether it reports an alarm."""

    temperature_c: float | None = None
    humidity_pct: float | None = None
    alarm: bool = False


def encode(readings: Readings) -> bytes:
    """Return the payload; ValueError names the reading that does not fit, or that there is not exactly one."""
    header = bytes((_FRAME_CONTROL, _REPORT | _ALARM * readings.alarm))
    match readings:
        case Readings(temperature_c=float() | int() as temperature_c, humidity_pct=None):
            hundredths = scaled("temperature_c", temperature_c, per_unit=100, low=-327.68, high=327.67)
            return header + _TEMPERATURE + hundredths.to_bytes(2, "big", signed=True)
        case Readings(temperature_c=None, humidity_pct=float() | int() as humidity_pct):
            hundredths = scaled("humidity_pct", humidity_pct, per_unit=100, low=0, high=100)
            return header + _HUMIDITY + hundredths.to_bytes(2, "big")
        case _:
            raise ValueError("temperature_c, humidity_pct: expected exactly one of them")
