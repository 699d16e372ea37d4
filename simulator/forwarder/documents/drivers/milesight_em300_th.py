"""Milesight EM300-TH temperature and humidity sensor: channel, type and value (user guide, uplink data)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from uplab.simulator.forwarder.documents.drivers.driver import Driver, DriverError, Reader
from uplab.simulator.forwarder.documents.drivers.request import flag, integer, only_key

__all__ = ["DRIVER"]

F_PORT = 85
BATTERY, TEMPERATURE, HUMIDITY, HISTORY = (0x01, 0x75), (0x03, 0x67), (0x04, 0x68), (0x20, 0xCE)
# What the device tells about itself after a join: type on channel FF -> (name, bytes)
ABOUT = {
    0x01: ("protocolVersion", 1),
    0x09: ("hardwareVersion", 2),
    0x0A: ("firmwareVersion", 2),
    0x0B: ("powerOn", 1),
    0x0F: ("deviceClass", 1),
    0x16: ("serialNumber", 8),
}


def _climate(reader: Reader) -> dict[str, Any]:
    return {"temperature": reader.signed_le(2) / 10, "humidity": reader.unsigned(1) / 2}


def _decode(_f_port: int, payload: bytes) -> dict[str, Any]:
    reader = Reader(payload)
    decoded: dict[str, Any] = {}
    history: list[dict[str, Any]] = []
    while len(reader):
        channel = (reader.unsigned(1), reader.unsigned(1))
        if channel == BATTERY:
            decoded["battery"] = reader.unsigned(1)
        elif channel == TEMPERATURE:
            decoded["temperature"] = reader.signed_le(2) / 10
        elif channel == HUMIDITY:
            decoded["humidity"] = reader.unsigned(1) / 2
        elif channel == HISTORY:
            at = datetime.fromtimestamp(reader.unsigned_le(4), UTC)
            history.append({"time": at.strftime("%Y-%m-%dT%H:%M:%SZ"), **_climate(reader)})
        elif channel[0] == 0xFF and channel[1] in ABOUT:
            name, size = ABOUT[channel[1]]
            decoded[name] = reader.take(size).hex()
        else:
            raise DriverError(f"unknown channel {channel[0]:02X} {channel[1]:02X}")
    if history:
        decoded["history"] = history
    if not decoded:
        raise DriverError("wrong payload length")
    return decoded


def _encode(payload: dict[str, Any]) -> tuple[int, bytes]:
    if only_key(payload, ("reportInterval", "reboot")) == "reportInterval":
        interval_s = integer(payload, "reportInterval", lowest=60, highest=64_800)
        return F_PORT, b"\xff\x03" + interval_s.to_bytes(2, "little")
    if not flag(payload, "reboot"):
        raise DriverError("reboot must be true")
    return F_PORT, b"\xff\x10\xff"


DRIVER = Driver("milesight", ("em300-th",), frozenset({F_PORT}), _decode, _encode)
