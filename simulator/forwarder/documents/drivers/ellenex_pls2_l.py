"""Ellenex PLS2-L level sensor, after the examples of the driver in ThingPark X IoT Flow's public catalogue."""

from __future__ import annotations

from typing import Any

from uplab.simulator.forwarder.documents.drivers.driver import Driver, DriverError, Reader
from uplab.simulator.forwarder.documents.drivers.request import choice, flag, integer

__all__ = ["DRIVER"]

DOWNLINK_PORT = 5
LENGTH = 8
SHORTEST_INTERVAL = {"second": 60, "minute": 1}
UNITS = {"second": 0, "minute": 1}


def _decode(_f_port: int, payload: bytes) -> dict[str, Any]:
    if len(payload) != LENGTH:
        raise DriverError("wrong payload length")
    reader = Reader(payload)
    reader.take(3)  # board, sensor and a reserved byte
    level_mm = reader.signed(2)
    reader.take(2)
    return {"level": level_mm, "batteryVoltage": reader.unsigned(1) / 10}


def _sampling(payload: dict[str, Any]) -> bytes:
    unit = choice(payload, "unit", UNITS)
    time = integer(payload, "time", lowest=SHORTEST_INTERVAL[unit], highest=0xFFFF)
    return bytes([0x10, UNITS[unit]]) + time.to_bytes(2, "big")


def _encode(payload: dict[str, Any]) -> tuple[int, bytes]:
    match integer(payload, "command", lowest=1, highest=4):
        case 1:
            coded = _sampling(payload)
        case 2:
            coded = bytes([0x07, flag(payload, "confirmation")])
        case 3:
            if not flag(payload, "reset"):
                raise DriverError("reset must be true")
            coded = b"\xff\x00"
        case _:
            coded = b"\x16" + integer(payload, "count", lowest=0, highest=0xFFFF).to_bytes(2, "big")
    return DOWNLINK_PORT, coded


DRIVER = Driver("ellenex", ("pls2-l",), frozenset({1}), _decode, _encode)
