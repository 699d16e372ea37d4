"""Axioma Qalcosonic W1 water meter: volume now, volume at the log time, and the hourly differences since then.

The names of the decoded fields are those of the driver in ThingPark X IoT Flow's public catalogue.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from uplab.simulator.forwarder.documents.drivers.driver import Driver, DriverError, Reader

__all__ = ["DRIVER"]

LOW_BATTERY, PERMANENT_ERROR, TEMPORARY_ERROR = 0x04, 0x08, 0x10
TEMPORARY_ERRORS = {0: "dry", 1: "leakage", 3: "backflow", 4: "lowTemperature", 5: "burst"}
HOUR_S = 3600


def _iso(epoch_s: int) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _status(status: int) -> dict[str, Any]:
    temporary: str | bool = TEMPORARY_ERRORS.get(status >> 5, "unknown") if status & TEMPORARY_ERROR else False
    return {
        "lowBattery": bool(status & LOW_BATTERY),
        "permanentError": bool(status & PERMANENT_ERROR),
        "temporaryError": temporary,
    }


def _decode(_f_port: int, payload: bytes) -> dict[str, Any]:
    reader = Reader(payload)
    last_time_s = reader.unsigned_le(4)
    decoded: dict[str, Any] = {
        "status": _status(reader.unsigned(1)),
        "lastLogTime": _iso(last_time_s),
        "lastVolume": reader.unsigned_le(4),
    }
    first_time_s, volume = reader.unsigned_le(4), reader.unsigned_le(4)
    if len(reader) % 2:
        raise DriverError("wrong payload length")
    deltas = [reader.unsigned_le(2) for _ in range(len(reader) // 2)]
    volumes = [{"time": _iso(first_time_s), "volume": volume}]
    for hours, delta in enumerate(deltas, start=1):
        volume += delta
        volumes.append({"time": _iso(first_time_s + hours * HOUR_S), "volume": volume})
    volumes.append({"time": decoded["lastLogTime"], "volume": decoded["lastVolume"]})
    return decoded | {
        "firstLogTime": volumes[0]["time"],
        "firstLogVolume": volumes[0]["volume"],
        "deltaVolumes": deltas,
        "volumes": volumes,
    }


DRIVER = Driver("axioma", ("w1",), frozenset({100}), _decode)
