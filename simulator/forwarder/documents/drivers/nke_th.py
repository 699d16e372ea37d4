"""NKE Watteco TH temperature and humidity sensor: attribute reports in the manner of ZigBee clusters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from uplab.simulator.forwarder.documents.drivers.driver import Driver, DriverError, Reader, partly, records
from uplab.simulator.forwarder.documents.drivers.nke_batch import Batch, Quantity, read_batch

__all__ = ["DRIVER"]

STANDARD_REPORT = 0x01
REPORT, ALARM_REPORT, READ = 0x0A, 0x8A, 0x01
CONFIGURED = 0x07
HUNDREDTHS = 0.01
# (cluster, attribute) -> (name, what one unit of the value is; 0 for yes or no)
ATTRIBUTES = {
    (0x0402, 0x0000): ("temperature", HUNDREDTHS),
    (0x0405, 0x0000): ("humidity", HUNDREDTHS),
    (0x000F, 0x0402): ("index", 1),
    (0x000F, 0x0055): ("violation_detection", 0),
}
# attribute type of ZigBee's cluster library -> (bytes, signed)
TYPES = {
    0x08: (1, False),
    0x10: (1, False),
    0x18: (1, False),
    0x20: (1, False),
    0x21: (2, False),
    0x22: (3, False),
    0x23: (4, False),
    0x28: (1, True),
    0x29: (2, True),
    0x2B: (4, True),
    0x30: (1, False),
}
# What the labels of its batch reports measure, by the public decoder of this model; a label has two bits.
LABEL_BITS = 2
QUANTITIES = {
    0: Quantity("temperature", 16, signed=True, step=10, divisor=100),
    1: Quantity("humidity", 16, step=100, divisor=100),
    2: Quantity("battery_voltage", 16, divisor=1000),
    3: Quantity("violation_detection", 1),
}
UNITS = {
    "temperature": ("temperature", "Cel"),
    "humidity": ("humidity", "%RH"),
    "battery_voltage": ("batteryVoltage", "V"),
}
LONG_CAUSES = 0x20  # in the byte before the causes
MODES = ("none", "threshold", "delta", "unknown")


def _decode(_f_port: int, payload: bytes) -> dict[str, Any]:
    reader = Reader(payload)
    if not reader.unsigned(1) & STANDARD_REPORT:
        return _batch(payload)
    command = reader.unsigned(1)
    if command == CONFIGURED:
        return _configured(reader)
    if command not in {REPORT, ALARM_REPORT, READ}:
        raise DriverError(f"unsupported command 0x{command:02X}")
    cluster, attribute = reader.unsigned(2), reader.unsigned(2)
    if command == READ and (status := reader.unsigned(1)):  # an answer says first whether there is a value
        raise DriverError(f"attribute {attribute:04X} of cluster {cluster:04X} was not read: status 0x{status:02X}")
    kind = reader.unsigned(1)
    named, size = ATTRIBUTES.get((cluster, attribute)), TYPES.get(kind)
    if named is None or size is None:
        raise DriverError(f"unsupported attribute {attribute:04X} of cluster {cluster:04X}, type 0x{kind:02X}")
    value = int.from_bytes(reader.take(size[0]), "big", signed=size[1])
    name, unit = named
    decoded: dict[str, Any] = {name: bool(value) if unit == 0 else value if unit == 1 else value / 100}

    def causes() -> None:
        if command == ALARM_REPORT and len(reader):
            found: list[dict[str, Any]] = []
            decoded["causes"] = found
            found.extend(_causes(reader, size, unit))

    return partly(decoded, causes)


def _batch(payload: bytes) -> dict[str, Any]:
    """Read many samples: each with its age, and of each quantity the latest value."""
    batch = Batch()
    decoded: dict[str, Any] = {}

    def read() -> None:
        try:
            read_batch(payload, LABEL_BITS, QUANTITIES, batch)
        finally:
            # Of one that breaks off, the first values are known, and not when they were measured.
            for label, values in sorted(batch.series.items()):
                told = QUANTITIES[label]
                value = values[-1][1] / told.divisor
                decoded[told.name] = bool(value) if told.name == "violation_detection" else value
        decoded["batch_counter"] = batch.counter
        decoded["samples"] = [
            {"variable": one.name, "value": one.value, "age_s": one.age_s} for one in batch.samples(QUANTITIES)
        ]

    return partly(decoded, read)


def _dated(decoded: dict[str, Any], time_s: float) -> dict[str, Any]:
    """The samples with the moments at which they were measured, in the place of their ages."""
    if "samples" not in decoded:
        return decoded
    dated = [
        {"variable": one["variable"], "value": one["value"], "date": _iso(time_s - one["age_s"])}
        for one in decoded["samples"]
    ]
    return {**decoded, "samples": dated}


def _iso(epoch_s: float) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _points(decoded: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, list[tuple[str, float]]] = {}
    for one in decoded.get("samples", ()):
        if one["variable"] in UNITS and "date" in one:
            found.setdefault(one["variable"], []).append((one["date"], one["value"]))
    return {UNITS[name][0]: records(UNITS[name][1], values) for name, values in found.items()}


def _configured(reader: Reader) -> dict[str, Any]:
    """Read what the device answers to a configuration: whether it took it, and of which report."""
    cluster, status = reader.unsigned(2), reader.unsigned(1)
    reader.take(1)  # how the report is sent
    attribute = reader.unsigned(2)
    return {"cmdID": "0x07", "clustID": f"0x{cluster:04x}", "attID": f"0x{attribute:04x}", "status": status}


def _causes(reader: Reader, size: tuple[int, bool], unit: float) -> Iterator[dict[str, Any]]:
    """Read why an alarm report came; short causes are a byte each, long ones tell their criterion too."""
    long = bool(reader.unsigned(1) & LONG_CAUSES)

    def number() -> float:
        value = int.from_bytes(reader.take(size[0]), "big", signed=size[1])
        return value / 100 if unit == HUNDREDTHS else value

    while len(reader):
        head = reader.unsigned(1)
        mode = MODES[head >> 5 & 3]
        cause: dict[str, Any] = {"alarm": bool(head & 0x80), "criterion_index": head & 7, "mode": mode}
        if mode == "threshold":
            cause["crossing"] = "fall" if head & 0x10 else "rise"
        if long and mode in ("threshold", "delta"):
            cause["value"] = number()
        if long and mode == "threshold":
            cause |= {"gap": number(), "occurrences": reader.unsigned(1)}
        yield cause


DRIVER = Driver("watteco", ("th",), frozenset({125}), _decode, points=_points, dated=_dated)
