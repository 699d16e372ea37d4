"""Dragino LHT65 temperature and humidity sensor, with one of several external sensors (user manual, uplink payload)."""

from __future__ import annotations

from typing import Any

from uplab.simulator.forwarder.documents.drivers.driver import Driver, DriverError, Reader
from uplab.simulator.forwarder.documents.drivers.request import flag, integer, only_key

__all__ = ["DRIVER"]

F_PORT = 2
LENGTH = 11
DISCONNECTED = 0x7FFF
SET_INTERVAL, RESET = 0x01, bytes([0x04, 0xFF])
PROBE, INTERRUPT, LIGHT, ANALOG, COUNTER_16, COUNTER_32 = 1, 4, 5, 6, 7, 8


def _external(kind: int, reader: Reader) -> dict[str, Any]:
    if kind == COUNTER_32:
        return {"externalCount": reader.unsigned(4)}
    if kind == INTERRUPT:  # a pin, and whether a change of it sent this uplink
        pin, changed = reader.unsigned(1), reader.unsigned(1)
        return {"Exti_pin_level": "High" if pin else "Low", "Exti_status": "True" if changed else "False"}
    value = reader.unsigned(2)
    if kind == PROBE:
        signed = value - 0x1_0000 if value & 0x8000 else value
        return {} if value == DISCONNECTED else {"externalTemperature": signed / 100}
    if kind == LIGHT:
        return {"externalLight": value}
    if kind == ANALOG:
        return {"externalVoltage": value / 1000}
    if kind == COUNTER_16:
        return {"externalCount": value}
    return {}


def _decode(_f_port: int, payload: bytes) -> dict[str, Any]:
    if len(payload) != LENGTH:
        raise DriverError("wrong payload length")
    reader = Reader(payload)
    battery = reader.unsigned(2)
    decoded: dict[str, Any] = {
        "batteryVoltage": (battery & 0x3FFF) / 1000,
        "batteryStatus": battery >> 14,
        "temperature": reader.signed(2) / 100,
        "humidity": reader.unsigned(2) / 10,
    }
    kind = reader.unsigned(1) & 0x0F
    return decoded | {"externalSensor": kind} | _external(kind, reader)


def _encode(payload: dict[str, Any]) -> tuple[int, bytes]:
    if only_key(payload, ("transmitInterval", "reset")) == "transmitInterval":
        interval_s = integer(payload, "transmitInterval", lowest=1, highest=0xFF_FFFF)
        return F_PORT, bytes([SET_INTERVAL]) + interval_s.to_bytes(3, "big")
    if not flag(payload, "reset"):
        raise DriverError("reset must be true")
    return F_PORT, RESET


DRIVER = Driver("dragino", ("lht65",), frozenset({F_PORT}), _decode, _encode)
