"""NKE Watteco TH temperature and humidity sensor: attribute reports in the manner of ZigBee clusters."""

from __future__ import annotations

from typing import Any

from uplab.simulator.forwarder.documents.drivers.driver import Driver, DriverError, Reader

__all__ = ["DRIVER"]

STANDARD_REPORT = 0x01
REPORT, ALARM_REPORT = 0x0A, 0x8A
# (cluster, attribute) -> (name, attribute type, signed); both are hundredths in two bytes
ATTRIBUTES = {
    (0x0402, 0x0000): ("temperature", 0x29, True),
    (0x0405, 0x0000): ("humidity", 0x21, False),
}


def _decode(_f_port: int, payload: bytes) -> dict[str, Any]:
    reader = Reader(payload)
    if not reader.unsigned(1) & STANDARD_REPORT:
        raise DriverError("batch reports are not supported")
    command = reader.unsigned(1)
    if command not in {REPORT, ALARM_REPORT}:
        raise DriverError(f"unsupported command 0x{command:02X}")
    cluster, attribute, kind = reader.unsigned(2), reader.unsigned(2), reader.unsigned(1)
    name, expected, signed = ATTRIBUTES.get((cluster, attribute), ("", -1, False))
    if kind != expected:
        raise DriverError(f"unsupported attribute {attribute:04X} of cluster {cluster:04X}, type 0x{kind:02X}")
    # What may follow the value, in an alarm report, is its cause.
    return {name: (reader.signed(2) if signed else reader.unsigned(2)) / 100}


DRIVER = Driver("nke", ("th",), frozenset({125}), _decode)
