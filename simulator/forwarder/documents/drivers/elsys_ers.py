"""Elsys ERS room sensors: pairs of type and value (ELSYS payload format); settings go to the uplink port plus one."""

from __future__ import annotations

from typing import Any

from uplab.simulator.forwarder.documents.drivers.driver import Driver, DriverError, Reader
from uplab.simulator.forwarder.documents.drivers.request import integer, only_key

__all__ = ["DRIVER"]

UPLINK_PORT = 5
SETTINGS_HEADER = 0x3E
# type: (name, bytes, signed, divisor); the types that sensors of the ERS family send
VALUES = {
    0x01: ("temperature", 2, True, 10),
    0x02: ("humidity", 1, False, 1),
    0x04: ("light", 2, False, 1),
    0x05: ("motion", 1, False, 1),
    0x06: ("co2", 2, False, 1),
    0x07: ("batteryVoltage", 2, False, 1000),
    0x08: ("analog1", 2, False, 1),
    0x0C: ("externalTemperature", 2, True, 10),
    0x0D: ("digital", 1, False, 1),
    0x0F: ("accMotion", 1, False, 1),
    0x11: ("occupancy", 1, False, 1),
    0x12: ("waterleak", 1, False, 1),
    0x14: ("pressure", 4, False, 1000),
    0x1C: ("tvoc", 2, False, 1),
}
SETTINGS = {"samplePeriod": 0x14, "sendPeriod": 0x1F}


def _decode(_f_port: int, payload: bytes) -> dict[str, Any]:
    reader = Reader(payload)
    decoded: dict[str, Any] = {}
    while len(reader):
        kind = reader.unsigned(1)
        if kind == 0x03:
            decoded |= {axis: reader.signed(1) for axis in ("x", "y", "z")}
        elif kind == 0x15:
            decoded |= {"soundPeak": reader.unsigned(1), "soundAvg": reader.unsigned(1)}
        elif kind in VALUES:
            name, size, signed, divisor = VALUES[kind]
            value = reader.signed(size) if signed else reader.unsigned(size)
            decoded[name] = value if divisor == 1 else value / divisor
        else:
            raise DriverError(f"unknown sensor type 0x{kind:02X}")
    if not decoded:
        raise DriverError("wrong payload length")
    return decoded


def _encode(payload: dict[str, Any]) -> tuple[int, bytes]:
    name = only_key(payload, tuple(SETTINGS))
    setting = bytes([SETTINGS[name]]) + integer(payload, name, lowest=1, highest=0xFFFF_FFFF).to_bytes(4, "big")
    return UPLINK_PORT + 1, bytes([SETTINGS_HEADER, len(setting)]) + setting


DRIVER = Driver("elsys", ("ers", "generic"), frozenset({UPLINK_PORT}), _decode, _encode)
