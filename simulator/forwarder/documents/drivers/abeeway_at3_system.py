"""What Abeeway's third generation says of itself: status in pages, heartbeat, tampering, shutdown, updates, its memory.

Names are those of the vendor's public decoder; source: as `abeeway_asset_tracker_3.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from uplab.simulator.forwarder.documents.drivers.driver import DriverError, Reader

__all__ = ["SYSTEM", "named"]

RESETS = (
    "NONE",
    *("HW_NMI", "HW_FAULT", "HW_MPU", "HW_BUS", "HW_USAGE", "HW_IRQ", "HW_WDOG", "HW_BOR"),
    *("SW_ST_HAL_ERROR", "SW_FREERTOS_ASSERT", "SW_FREERTOS_TASK_OVF", "SW_BLE_ASSERT", "SW_RTC_FAIL"),
    *("SW_LORA_FAIL", "SW_DEBUG", "SW_APP_START"),
)
SHUTDOWNS = ("NONE", "USER_ACTION", "LOW_BATTERY")
BUFFERINGS = ("SUCCESS", "TIMEOUT", "NO_DATA_FOUND")
BINARIES = ("APPLICATION", "BLE_STACK", "MT3333", "LR11XX")
SOURCES = ("XMODEM", "BLE", "CELLULAR", "LORA")
REASONS = (
    *("NONE", "NETWORK_ISSUE", "DOWNLOAD_TIMEOUT", "MODEM_FAILURE", "FILE_NOT_FOUND", "PLATFORM_ERROR"),
    *("PARSING_ERROR", "FLASH_ERROR", "LENGTH_ERROR", "SIGNATURE_ERROR", "AUTHENTICATION_ERROR"),
)
CONSUMPTIONS = ("total", "cellular", "gnss", "wifi", "lrGnss", "ble", "mcu")


def named(names: tuple[str, ...], number: int, what: str) -> str:
    """The name of a number; DriverError where it has none."""
    if number >= len(names):
        raise DriverError(f"{what} {number} is unknown")
    return names[number]


def _dotted(reader: Reader, count: int) -> str:
    return ".".join(str(reader.unsigned(1)) for _ in range(count))


def _text(reader: Reader, size: int) -> str:
    """Characters up to the last that is not 0."""
    return reader.take(min(size, len(reader))).rstrip(b"\0").decode("latin-1")


def _since_1970(reader: Reader) -> str:
    moment = datetime.fromtimestamp(reader.unsigned(4), UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _bits(value: int, count: int) -> list[int]:
    """The numbers of the bits that are set, from 1."""
    return [bit + 1 for bit in range(count) if value >> bit & 1]


def _reset(value: int) -> str:
    return f"AOS_ERROR_{named(RESETS, value >> 3, 'reset cause')}"


def _versions(reader: Reader) -> dict[str, Any]:
    told: dict[str, Any] = {"AT3Version": _dotted(reader, 3), "configurationVersion": _dotted(reader, 4)}
    told["lrHwVersion"] = {
        name: str(reader.unsigned(1)) for name in ("hardwareVersion", "hardwareType", "firmwareVersion")
    }
    told |= {name: reader.unsigned(2) for name in ("hwBatchId", "hwBomId")}
    told |= {name: reader.signed(1) for name in ("maxTemperature", "minTemperature")}
    told |= {"motionPercent": reader.unsigned(1), "batteryVoltage": reader.unsigned(2)}
    told |= {f"{name}Consumption": reader.unsigned(2) for name in CONSUMPTIONS}
    return {**told, "globalCrc": reader.take(4).hex()}


def _almanacs(reader: Reader) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for chip in ("lr11xx", "gnss"):
        told |= {f"{chip}GpsDate": reader.unsigned(2), f"{chip}GpsOutdated": _bits(reader.unsigned(4), 32)}
        told |= {f"{chip}GpsGood": reader.unsigned(1), f"{chip}BeidouDate": reader.unsigned(2)}
        told |= {f"{chip}BeidouOutdated": _bits(reader.unsigned_le(5), 40), f"{chip}BeidouGood": reader.unsigned(1)}
    return told


def _modem(reader: Reader) -> dict[str, Any]:
    version = {name: str(reader.unsigned(1)) for name in ("branch", "mode", "image", "delivery")}
    version["release"] = str(reader.unsigned(2))
    return {"cellVersion": version, "ICCID": _text(reader, 21), "IMSI": _text(reader, len(reader))}


def _identities(reader: Reader) -> dict[str, Any]:
    return {"EUICCID": _text(reader, 33), "IMEISV": _text(reader, len(reader))}


_PAGES = (_versions, _almanacs, _modem, _identities)


def _status(reader: Reader) -> dict[str, Any]:
    temperature, head = reader.signed(1), reader.unsigned(1)
    page = head & 7
    if page >= len(_PAGES):
        raise DriverError(f"page {page} of the status is unknown")
    told = {"currentTemperature": temperature, "resetCause": _reset(head), "pageId": page}
    return {"status": told | _PAGES[page](reader)}


def _low_battery(reader: Reader) -> dict[str, Any]:
    return {"lowBattery": {"consumption": reader.unsigned(2), "batteryVoltage": reader.unsigned(2)}}


def _ble_status(reader: Reader) -> dict[str, Any]:
    return {"bleStatus": {"state": "BLE_CONNECTED" if reader.unsigned(1) & 1 else "BLE_DISCONNECTED"}}


def _tamper(reader: Reader) -> dict[str, Any]:
    return {"tamperDetection": {"state": "CASING_OPEN" if reader.unsigned(1) & 1 else "CASING_CLOSED"}}


def _heartbeat(reader: Reader) -> dict[str, Any]:
    told: dict[str, Any] = {"currentTemperature": reader.signed(1), "resetCause": _reset(reader.unsigned(1))}
    return {"heartbeat": {**told, "globalCrc": reader.take(4).hex()}}


def _shutdown(reader: Reader) -> dict[str, Any]:
    return {"shutdown": {"shutdownCause": f"SHUTDOWN_CAUSE_{named(SHUTDOWNS, reader.unsigned(1), 'shutdown cause')}"}}


def _buffering(reader: Reader) -> dict[str, Any]:
    status = named(BUFFERINGS, reader.unsigned(1), "buffering status")
    oldest, latest = _since_1970(reader), _since_1970(reader)
    return {"dataBufferingStatus": {"status": status, "oldestTimestamp": oldest, "latestTimestamp": latest}}


def _fuota(reader: Reader) -> dict[str, Any]:
    head = reader.unsigned(1)
    reason = named(REASONS, head & 15, "reason")
    return {"fuota": {"binary": BINARIES[head >> 6], "source": SOURCES[head >> 4 & 3], "raison": reason}}


SYSTEM: tuple[tuple[str, Callable[[Reader], dict[str, Any]]], ...] = (
    ("STATUS", _status),
    ("LOW_BATTERY", _low_battery),
    ("BLE_STATUS", _ble_status),
    ("TAMPER_DETECTION", _tamper),
    ("HEARTBEAT", _heartbeat),
    ("SHUTDOWN", _shutdown),
    ("DATA_BUFFERING_STATUS", _buffering),
    ("FUOTA", _fuota),
)
"""By the type of a system notification: its name, and what follows."""
