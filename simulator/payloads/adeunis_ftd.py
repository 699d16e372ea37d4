"""Adeunis Field Test Device, firmware 1.2 or later: a status byte says which readings follow (Adeunis user guide)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from uplab.simulator.payloads.fields import scaled, whole

__all__ = ["F_PORT", "MODEL", "Position", "Readings", "encode"]

MODEL: Final = "adeunis_ftd"
F_PORT: Final = 1


@dataclass(frozen=True, slots=True)
class Position:
    """A GPS fix in degrees, north and east positive; `quality` 1 good to 3 poor."""

    latitude: float
    longitude: float
    quality: int
    satellites: int


@dataclass(frozen=True, slots=True)
class Readings:
    """What a Field Test Device sends, None leaves a reading out; RSSI and SNR are those of the last downlink."""

    temperature_c: float | None = None
    position: Position | None = None
    uplink_counter: int | None = None
    downlink_counter: int | None = None
    battery_mv: int | None = None
    rssi_dbm: int | None = None
    snr_db: int | None = None
    by_accelerometer: bool = False
    by_button: bool = False


def encode(readings: Readings) -> bytes:
    """Return the payload; ValueError names the reading that does not fit."""
    status = 0x40 * readings.by_accelerometer | 0x20 * readings.by_button
    parts: list[bytes] = []
    for bit, part in (
        (0x80, _temperature(readings.temperature_c)),
        (0x10, _position(readings.position)),
        (0x08, _counter("uplink_counter", readings.uplink_counter)),
        (0x04, _counter("downlink_counter", readings.downlink_counter)),
        (0x02, _battery(readings.battery_mv)),
        (0x01, _reception(readings.rssi_dbm, readings.snr_db)),
    ):
        if part:
            status |= bit
            parts.append(part)
    return bytes((status,)) + b"".join(parts)


def _temperature(temperature_c: float | None) -> bytes:
    if temperature_c is None:
        return b""
    return scaled("temperature_c", temperature_c, low=-128, high=127).to_bytes(1, "big", signed=True)


def _position(position: Position | None) -> bytes:
    """Return degrees and minutes as decimal digits with the hemisphere as last bit, then quality and satellites."""
    if position is None:
        return b""
    # Latitude is sent to a thousandth of a minute, longitude to a hundredth.
    latitude = scaled("latitude", abs(position.latitude), per_unit=60_000, low=0, high=90)
    longitude = scaled("longitude", abs(position.longitude), per_unit=6_000, low=0, high=180)
    digits = (
        f"{latitude // 60_000:02d}{latitude % 60_000:05d}{int(position.latitude < 0)}"
        f"{longitude // 6_000:03d}{longitude % 6_000:04d}{int(position.longitude < 0)}"
    )
    quality = whole("quality", position.quality, bits=4) << 4 | whole("satellites", position.satellites, bits=4)
    return bytes.fromhex(digits) + bytes((quality,))


def _counter(field: str, counter: int | None) -> bytes:
    # The device keeps one byte of each counter; it wraps.
    return b"" if counter is None else bytes((whole(field, counter, bits=32) & 0xFF,))


def _battery(battery_mv: int | None) -> bytes:
    return b"" if battery_mv is None else whole("battery_mv", battery_mv, bits=16).to_bytes(2, "big")


def _reception(rssi_dbm: int | None, snr_db: int | None) -> bytes:
    if rssi_dbm is None and snr_db is None:
        return b""
    if rssi_dbm is None or snr_db is None:
        raise ValueError("rssi_dbm, snr_db: expected both or none")
    rssi = scaled("rssi_dbm", rssi_dbm, low=-255, high=0)
    return bytes((-rssi,)) + scaled("snr_db", snr_db, low=-128, high=127).to_bytes(1, "big", signed=True)
