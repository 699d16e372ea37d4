"""Elsys ERS room sensors: pairs of type and value (ELSYS payload format); settings go to the uplink port plus one."""

from __future__ import annotations

from typing import Any

from uplab.simulator.forwarder.documents.drivers.driver import Driver, DriverError, Reader, partly
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
    0x07: ("vdd", 2, False, 1),  # millivolt
    0x08: ("analog1", 2, False, 1),
    0x0A: ("pulse1", 2, False, 1),
    0x0B: ("pulseAbs", 4, False, 1),
    0x0C: ("externalTemperature", 2, True, 10),
    0x0D: ("digital", 1, False, 1),
    0x0E: ("distance", 2, False, 1),
    0x0F: ("accMotion", 1, False, 1),
    0x11: ("occupancy", 1, False, 1),
    0x12: ("waterleak", 1, False, 1),
    0x14: ("pressure", 4, False, 1000),
    0x16: ("pulse2", 2, False, 1),
    0x17: ("pulseAbs2", 4, False, 1),
    0x18: ("analog2", 2, False, 1),
    0x1A: ("digital2", 1, False, 1),
    0x1B: ("analogUv", 4, True, 1),
    0x1C: ("tvoc", 2, False, 1),
}
# types that are several values: (names, bytes of each, signed, divisor)
GROUPS = {
    0x03: (("x", "y", "z"), 1, True, 1),
    0x09: (("lat", "long"), 3, True, 10_000),
    0x10: (("irInternalTemperature", "irExternalTemperature"), 2, True, 10),
    0x15: (("soundPeak", "soundAvg"), 1, False, 1),
}
# type: bytes of what other sensors of the vendor send and an ERS has no name for
SKIPPED = {0x13: 65, 0x1D: 1, 0x1E: 1, 0x1F: 1, 0x20: 2, 0x21: 1, 0x22: 2, 0x23: 1, 0x24: 1, 0x3C: 4, 0x3D: 4}
EXTERNAL_2, BYTES = 0x19, 0x3B
SETTINGS = {"samplePeriod": 0x14, "sendPeriod": 0x1F}


def _decode(_f_port: int, payload: bytes) -> dict[str, Any]:
    if not payload:
        raise DriverError("wrong payload length")
    reader = Reader(payload)
    decoded: dict[str, Any] = {}

    def read() -> None:
        while len(reader):
            kind = reader.unsigned(1)
            if kind == SETTINGS_HEADER:  # the rest are settings, which the device tells once after its start
                decoded["settings"] = reader.take(len(reader)).hex()
            else:
                _value(kind, reader, decoded)

    return partly(decoded, read)


def _value(kind: int, reader: Reader, decoded: dict[str, Any]) -> None:
    if kind in VALUES:
        name, size, signed, divisor = VALUES[kind]
        decoded[name] = _number(reader, size, signed, divisor)
    elif kind in GROUPS:
        names, size, signed, divisor = GROUPS[kind]
        read = Reader(reader.take(size * len(names)))
        decoded |= {name: _number(read, size, signed, divisor) for name in names}
    elif kind == EXTERNAL_2:  # several probes, one after the other
        value, before = _number(reader, 2, True, 10), decoded.get("externalTemperature2")
        several = [*before, value] if isinstance(before, list) else [before, value]
        decoded["externalTemperature2"] = value if before is None else several
    elif kind in SKIPPED:
        reader.take(SKIPPED[kind])
    elif kind == BYTES:
        reader.take(reader.unsigned(1))
    else:
        raise DriverError(f"unknown sensor type 0x{kind:02X}")


def _number(reader: Reader, size: int, signed: bool, divisor: int) -> float:
    value = reader.signed(size) if signed else reader.unsigned(size)
    return value if divisor == 1 else value / divisor


def _encode(payload: dict[str, Any]) -> tuple[int, bytes]:
    name = only_key(payload, tuple(SETTINGS))
    setting = bytes([SETTINGS[name]]) + integer(payload, name, lowest=1, highest=0xFFFF_FFFF).to_bytes(4, "big")
    return UPLINK_PORT + 1, bytes([SETTINGS_HEADER, len(setting)]) + setting


DRIVER = Driver("elsys", ("ers", "generic"), frozenset({UPLINK_PORT}), _decode, _encode)
