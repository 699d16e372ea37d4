"""Milesight EM300-TH temperature and humidity sensor: channel, type and value (user guide, uplink data)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from uplab.simulator.forwarder.documents.drivers.driver import Driver, DriverError, Reader, partly, records
from uplab.simulator.forwarder.documents.drivers.request import flag, integer, only_key

__all__ = ["DRIVER"]

F_PORT = 85
BATTERY, TEMPERATURE, HUMIDITY, HISTORY = (0x01, 0x75), (0x03, 0x67), (0x04, 0x68), (0x20, 0xCE)
# What the device tells about itself after a join or a reset: type on channel FF -> (name, bytes, how it is written)
ABOUT: dict[int, tuple[str, int, Callable[[bytes], Any]]] = {
    0x01: ("ipso_version", 1, lambda raw: f"v{raw[0] >> 4}.{raw[0] & 15}"),
    0x09: ("hardware_version", 2, lambda raw: f"v{raw[0]:x}.{raw[1] >> 4}"),
    0x0A: ("firmware_version", 2, lambda raw: f"v{raw[0]:x}.{raw[1]:x}"),
    0x0B: ("device_status", 1, lambda _: "on"),
    0x0F: ("lorawan_class", 1, lambda raw: f"Class {('A', 'B', 'C', 'CtoB')[raw[0] & 3]}"),
    0x16: ("sn", 8, bytes.hex),
    0xFE: ("reset_event", 1, lambda _: "reset"),
    0xFF: ("tsl_version", 2, lambda raw: f"v{raw[0]}.{raw[1]}"),
}
ANSWERS = (0xFE, 0xFF)
SWITCH = {0: "disable", 1: "enable"}


def _yes(_raw: bytes) -> str:
    return "yes"


def _interval(raw: bytes) -> int:
    return int.from_bytes(raw, "little")


def _switch(raw: bytes) -> str:
    return SWITCH.get(raw[0], "unknown")


CONDITIONS = ("disable", "below", "above", "between", "outside")


def _alarm(raw: bytes) -> dict[str, Any]:
    low, high = (int.from_bytes(raw[at : at + 2], "little", signed=True) / 10 for at in (1, 3))
    condition = dict(enumerate(CONDITIONS)).get(raw[0] & 7, "unknown")
    return {"condition": condition, "threshold_min": low, "threshold_max": high}


# Answers to downlinks, on channel FE or FF: type -> (name, bytes, how it is read)
ANSWER: dict[int, tuple[str, int, Callable[[bytes], Any]]] = {
    0x02: ("collection_interval", 2, _interval),
    0x03: ("report_interval", 2, _interval),
    0x06: ("temperature_alarm_config", 9, _alarm),
    0x10: ("reboot", 1, _yes),
    0x27: ("clear_history", 1, _yes),
    0x28: ("report_status", 1, _yes),
    0x68: ("history_enable", 1, _switch),
    0x69: ("retransmit_enable", 1, _switch),
    0x6D: ("stop_transmit", 1, _yes),
}
# Of these the first byte says which setting it is: type -> (bytes, first byte -> name)
CHOSEN = {0x6A: (3, {0: "retransmit_interval", 1: "resend_interval"})}
CALIBRATION = {0: ("temperature_calibration_settings", 10), 1: ("humidity_calibration_settings", 2)}
D2D_MODES = {1: "temperature_alarm", 2: "temperature_alarm_release"}
D2D_REPORTS = {0: "lora", 1: "d2d", 3: "d2d_and_lora"}


def _answer(kind: int, reader: Reader, decoded: dict[str, Any]) -> None:
    if kind in ANSWER:
        name, size, told = ANSWER[kind]
        decoded[name] = told(reader.take(size))
    elif kind in CHOSEN:
        size, names = CHOSEN[kind]
        raw = reader.take(size)
        decoded[names.get(raw[0], f"setting_{kind:02x}")] = _interval(raw[1:])
    elif kind == 0xEA:
        raw = reader.take(3)
        name, divisor = CALIBRATION.get(raw[0] & 3, ("calibration_settings", 10))
        value = int.from_bytes(raw[1:], "little", signed=True) / divisor
        decoded[name] = {"enable": SWITCH[raw[0] >> 7], "calibration_value": value}
    elif kind == 0x79:
        raw = reader.take(6)
        made = {"mode": D2D_MODES.get(raw[0], "unknown"), "report_type": D2D_REPORTS.get(raw[1], "unknown")}
        decoded.setdefault("d2d_master_config", []).append(made | {"d2d_cmd": raw[2:4][::-1].hex()})
    else:
        raise DriverError(f"unknown answer {kind:02X}")


def _decode(_f_port: int, payload: bytes) -> dict[str, Any]:
    if not payload:
        raise DriverError("wrong payload length")
    reader = Reader(payload)
    decoded: dict[str, Any] = {}

    def read() -> None:
        while len(reader):
            _value((reader.unsigned(1), reader.unsigned(1)), reader, decoded)

    return partly(decoded, read)


def _value(channel: tuple[int, int], reader: Reader, decoded: dict[str, Any]) -> None:
    if channel == BATTERY:
        decoded["battery"] = reader.unsigned(1)
    elif channel == TEMPERATURE:
        decoded["temperature"] = reader.signed_le(2) / 10
    elif channel == HUMIDITY:
        decoded["humidity"] = reader.unsigned(1) / 2
    elif channel == HISTORY:
        record = Reader(reader.take(8))  # timestamp, temperature, humidity, and a byte that is reserved
        at_s, tenths, halves = record.unsigned_le(4), record.signed_le(2), record.unsigned(1)
        one = {"timestamp": at_s, "temperature": tenths / 10, "humidity": halves / 2}
        decoded.setdefault("history", []).append(one)
    elif channel[0] == 0xFF and channel[1] in ABOUT:
        name, size, told = ABOUT[channel[1]]
        decoded[name] = told(reader.take(size))
    elif channel[0] in ANSWERS:
        _answer(channel[1], reader, decoded)
    else:
        raise DriverError(f"unknown channel {channel[0]:02X} {channel[1]:02X}")


def _points(decoded: dict[str, Any]) -> dict[str, Any]:
    history = [(_iso(one["timestamp"]), one) for one in decoded.get("history", ())]
    return {
        name: records(unit_id, [(time, one[name]) for time, one in history])
        for name, unit_id in (("temperature", "Cel"), ("humidity", "%RH"))
        if history
    }


def _iso(epoch_s: int) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _encode(payload: dict[str, Any]) -> tuple[int, bytes]:
    if only_key(payload, ("reportInterval", "reboot")) == "reportInterval":
        interval_s = integer(payload, "reportInterval", lowest=60, highest=64_800)
        return F_PORT, b"\xff\x03" + interval_s.to_bytes(2, "little")
    if not flag(payload, "reboot"):
        raise DriverError("reboot must be true")
    return F_PORT, b"\xff\x10\xff"


PORTS = frozenset(range(1, 224))  # the port is a setting of the device; its own is 85

DRIVER = Driver("msight", ("em300-th",), PORTS, _decode, _encode, points=_points)
