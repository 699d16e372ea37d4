"""Axioma Qalcosonic W1 water meter: volume now, volume at the log time, and the hourly differences since then.

The names of the decoded fields are those of the driver in ThingPark X IoT Flow's public catalogue.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from uplab.simulator.forwarder.documents.drivers.driver import Driver, DriverError, Reader, partly, records

__all__ = ["DRIVER"]

LOW_BATTERY, PERMANENT_ERROR, TEMPORARY_ERROR = 0x04, 0x08, 0x10
TEMPORARY_ERRORS = {0: "dry", 1: "leakage", 3: "backflow", 4: "lowTemperature", 5: "burst"}
HOUR_S = 3600
CLOCK_OFF_MAX_S = 5 * 360 * 24 * HOUR_S  # the vendor's five years
CLOCK_MAX_S = 2**31  # 2038
ALARMS = {
    0x00: "NO ERROR",
    0x04: "POWER LOW",
    0x08: "PERMANENT ERROR",
    0x10: "EMPTY PIPE",
    0x30: "LEAKAGE",
    0x70: "BACKFLOW",
    0x90: "FREEZE",
    0xB0: "BURST",
}
UNITS = ("seconds", "minutes", "hours", "days")
# What the meter bus calls a value
VIFS = {
    b"\xff\x89\x13": "Current date and time, Unix time",
    b"\xfd\x17": "Status byte",
    b"\x13": "Total volume, L",
    b"\x93\x3d": "Total volume, oz",
    b"\x93\xbd\x1e": "Historical total volume, oz",
    b"\x93\x1e": "Historical total volume, L",
    b"\x93\xbd": "Volume at log date, oz",
    b"\x93": "Volume at log date, L",
}


def _iso(epoch_s: int) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _status(status: int) -> dict[str, Any]:
    temporary: str | bool = TEMPORARY_ERRORS.get(status >> 5, "unknown") if status & TEMPORARY_ERROR else False
    return {
        "lowBattery": bool(status & LOW_BATTERY),
        "permanentError": bool(status & PERMANENT_ERROR),
        "temporaryError": temporary,
    }


def _decode(f_port: int, payload: bytes) -> dict[str, Any]:
    if not payload:
        raise DriverError("wrong payload length")
    return READ[f_port](payload)


def _alarms(payload: bytes) -> dict[str, Any]:
    reader = Reader(payload)
    date, code = _iso(reader.unsigned_le(4)), reader.unsigned(1)
    described = ALARMS.get(code, f"unknown (0x{code:02X})")
    return {"payloadType": "Device alarms", "date": date, "alarmDescription": described}


def _configuration(payload: bytes) -> dict[str, Any]:
    """Read which values the meter sends, each as the meter bus names it (DIF and VIF), and how densely."""
    values: list[dict[str, Any]] = []
    decoded: dict[str, Any] = {"payloadType": "Configuration parameters", "values": values}

    def read() -> None:
        reader = Reader(payload[:-3])
        while len(reader):
            dif = reader.unsigned(1)
            size = next((size for size in (3, 2, 1) if len(code := reader.peek(size)) == size and code in VIFS), 0)
            if not size:
                raise DriverError(f"unknown value {reader.peek(3).hex()}")
            name = VIFS[reader.take(size)]
            values.append(
                {
                    "dataType": name,
                    "size": "variable" if dif & 0x0F == 0x0D else dif & 0x0F,
                    "compactProfile": name.startswith("Historical"),
                    "withStorage": dif & 0xF0 == 0x40,
                    "imperial": name.endswith("oz"),
                }
            )
        length, unit, spacing = Reader(payload[-3:]).take(3)
        change = "positive difference" if unit >> 6 == 1 else "unknown"
        told = {"changeType": change, "unit": UNITS[unit >> 4 & 3], "recordSize": unit & 0x0F}
        decoded.update(lengthByte=length, spacingUnit=told, spacing=spacing)

    return partly(decoded, read)


def _corrupted(payload: bytes, f_port: int, time_s: float | None) -> str:
    """Tell by the meter's clock that bytes arrived damaged, as the vendor advises; without a time only a far one."""
    if f_port != BASIC_PORT or len(payload) < 4:
        return ""
    clock_s = int.from_bytes(payload[:4], "little")
    damaged = clock_s > CLOCK_MAX_S if time_s is None else abs(clock_s - time_s) > CLOCK_OFF_MAX_S
    return f"corrupted: the meter's clock says {_iso(clock_s)}" if damaged else ""


def _basic(payload: bytes) -> dict[str, Any]:
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
        "payloadType": "Basic",
        "firstLogTime": volumes[0]["time"],
        "firstLogVolume": volumes[0]["volume"],
        "deltaVolumes": deltas,
        "volumes": volumes,
    }


def _points(decoded: dict[str, Any]) -> dict[str, Any]:
    volumes = [(one["time"], one["volume"]) for one in decoded.get("volumes", ())]
    return {"volume": records("l", volumes)} if volumes else {}


BASIC_PORT = 100
READ = {BASIC_PORT: _basic, 101: _configuration, 103: _alarms}

DRIVER = Driver("axioma", ("w1",), frozenset(READ), _decode, doubt=_corrupted, points=_points)
