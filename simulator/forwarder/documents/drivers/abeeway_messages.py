"""What Abeeway trackers send beside positions and heartbeats, behind the header that all messages have in common.

Layout: Abeeway trackers reference guide, uplink messages; names of fields and values as in the vendor's public examples
(actility/device-catalog, driver asset-tracker of firmware 2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from uplab.simulator.forwarder.documents.drivers.abeeway_parameters import read_parameter
from uplab.simulator.forwarder.documents.drivers.driver import DriverError, Reader

__all__ = ["BODIES", "frame_pending", "scaled", "sms"]

Body = Callable[[Reader, int, dict[str, Any]], None]
"""Reads what follows the header, whose option is given, into the decoded object."""

ENERGY, HEALTH = 0, 1
SHUTDOWN_CAUSES = ("USER_ACTION", "LOW_BATTERY", "DOWNLINK_REQUEST", "BLE_REQUEST", "BLE_CONNECTED")
EVENTS = (
    "GEOLOC_START",
    "MOTION_START",
    "MOTION_END",
    "BLE_CONNECTED",
    "BLE_DISCONNECTED",
    "TEMPERATURE_ALERT",
    "BLE_BOND_DELETED",
    "SOS_MODE_START",
    "SOS_MODE_END",
    "ANGLE_DETECTION",
    "GEOFENCING",
)
TEMPERATURE_STATES = ("NORMAL", "HIGH", "LOW", "FEATURE_NOT_ACTIVATED")
TRANSITIONS = (
    "LEARNING_TO_NORMAL",
    "NORMAL_TO_LEARNING",
    "NORMAL_TO_CRITICAL",
    "CRITICAL_TO_NORMAL",
    "CRITICAL_TO_LEARNING",
)
TRIGGERS = ("CRITICAL_ANGLE_REPORTING", "ANGLE_DEVIATION_REPORTING", "SHOCK_TRIGGER", "RFU")
ZONES = ("SAFE_AREA", "ENTRY", "EXIT", "HAZARD")
SCANS = ("BLE_BEACONS", "WIFI_BSSID", "BLE_BEACONS_COLLECTION")
COLLECTION = 2


def scaled(value: int, low: float, high: float, *, reserved: int = 0) -> float:
    """Return the physical value of the guide's 8-bit encoded form, of which `reserved` values mean something else."""
    return (value - reserved / 2) * (high - low) / (255 - reserved) + low


def frame_pending(reader: Reader) -> dict[str, Any]:
    """Read the message that asks for a downlink; it has no header."""
    return {"messageType": "FRAME_PENDING", "currentAckTokenValue": reader.unsigned(1)}


def sms(reader: Reader) -> dict[str, Any]:
    """Read a text for another device; it has no header."""
    destination = reader.unsigned(4)
    text = reader.take(len(reader)).decode(errors="replace")
    return {"messageType": "SMS", "sms": {"destinationId": destination, "message": text}}


def _temperature(reader: Reader) -> float:
    return round(scaled(reader.unsigned(1), -44.0, 85.0), 1)


def _vector(reader: Reader) -> list[int]:
    return [reader.signed(2) for _ in range(3)]


def _named(names: tuple[str, ...], number: int, what: str) -> str:
    if number >= len(names):
        raise DriverError(f"unknown {what} {number}")
    return names[number]


def _status(reader: Reader, option: int, decoded: dict[str, Any]) -> None:
    if option == HEALTH:
        decoded["messageType"] = "HEALTH_STATUS"
        used, highest, lowest = reader.unsigned(2), _temperature(reader), _temperature(reader)
        names = ("lora", "ble", "gps", "wifi")
        told = {f"{name}PowerConsumption": reader.unsigned(2) for name in names}
        health = {"totalConsumption": used, "maxTemperature": highest, "minTemperature": lowest, **told}
        decoded["healthStatus"] = health | {"batteryVoltage": reader.unsigned(2)}
        return
    for name in ("gpsOnRuntime", "gpsStandbyRuntime", "wifiScanCount"):
        decoded[name] = reader.unsigned(4)


def _activity_counter(reader: Reader, decoded: dict[str, Any]) -> None:
    decoded |= {"messageType": "ACTIVITY_STATUS", "activityCount": reader.unsigned(4)}


def _configuration(reader: Reader, decoded: dict[str, Any]) -> None:
    told: dict[str, Any] = {}
    decoded |= {"messageType": "CONFIGURATION", "deviceConfiguration": told}
    while len(reader):
        name, value = read_parameter(reader)
        told[name] = value


def _shock(reader: Reader, decoded: dict[str, Any]) -> None:
    decoded |= {"messageType": "SHOCK_DETECTION", "nbOfshock": reader.unsigned(1)}
    decoded["accelerometerShockData"] = _vector(reader)
    if len(reader):
        decoded["gaddIndex"] = reader.unsigned(4)


def _periodic_activity(reader: Reader, decoded: dict[str, Any]) -> None:
    decoded["messageType"] = "ACTIVITY_STATUS"
    decoded["activityReportingWindow"] = [reader.unsigned(2) for _ in range(6)]
    decoded["activityCount"] = reader.unsigned(4)


def _ble_mac(reader: Reader, decoded: dict[str, Any]) -> None:
    decoded |= {"messageType": "BLE_MAC", "bleMac": reader.take(6).hex(":")}


MISC: dict[int, tuple[str, Callable[[Reader, dict[str, Any]], None]]] = {
    1: ("ACTIVITY_COUNTER", _activity_counter),
    2: ("DEVICE_CONFIGURATION", _configuration),
    3: ("SHOCK_DETECTION", _shock),
    4: ("PERIODIC_ACTIVITY", _periodic_activity),
    5: ("BLE_MAC", _ble_mac),
}


def _misc(reader: Reader, _option: int, decoded: dict[str, Any]) -> None:
    tag = reader.unsigned(1)
    if tag not in MISC:
        raise DriverError(f"unknown tag {tag} of miscellaneous data")
    decoded["miscDataTag"], read = MISC[tag]
    read(reader, decoded)


def _shutdown(reader: Reader, _option: int, decoded: dict[str, Any]) -> None:
    if len(reader):  # older trackers tell no cause
        decoded["shutdownCause"] = _named(SHUTDOWN_CAUSES, reader.unsigned(1), "cause of a shutdown")


def _event(reader: Reader, _option: int, decoded: dict[str, Any]) -> None:
    event = _named(EVENTS, reader.unsigned(1), "event")
    decoded["eventType"] = event
    if event == "MOTION_END" and len(reader):
        decoded["trackerOrientation"] = _vector(reader)
        if len(reader):
            decoded["motionDutyCycle"] = reader.unsigned(1)
    elif event == "TEMPERATURE_ALERT":
        state = _named(TEMPERATURE_STATES, reader.unsigned(1), "state of the temperature")
        highest, lowest, high, low = _temperature(reader), _temperature(reader), reader.unsigned(2), reader.unsigned(2)
        measured = {"state": state, "max": highest, "min": lowest, "highCounter": high, "lowCounter": low}
        decoded["measuredTemperature"] = measured
    elif event == "ANGLE_DETECTION":
        decoded["angleDetection"] = _angle(reader)
    elif event == "GEOFENCING":
        kind = reader.unsigned(1)
        zone = {"geofencingFormat": kind >> 4, "geofencingType": _named(ZONES, kind & 15, "kind of zone")}
        decoded["geofencingNotification"] = zone
        if kind >> 4 == 0:
            zone["id"] = f"0x{reader.take(3).hex()}"


def _angle(reader: Reader) -> dict[str, Any]:
    flags = reader.unsigned(1)
    told = {
        "notificationIdentifier": flags & 7,
        "transition": _named(TRANSITIONS, flags >> 5, "transition of an angle"),
        "triggerType": TRIGGERS[flags >> 3 & 3],
    }
    age, reference, critical = reader.unsigned(2), _vector(reader), _vector(reader)
    return {
        "flags": told,
        "age": age,
        "referenceVector": reference,
        "criticalVector": critical,
        "angle": reader.unsigned(1),
    }


def _collection(reader: Reader, option: int, decoded: dict[str, Any]) -> None:
    flags, identifier, digest = reader.take(3)
    addresses = bool(flags & 0x40)
    told: dict[str, Any] = {
        "scanType": _named(SCANS, option, "scan"),
        "again": bool(flags & 0x80),
        "dataFormat": "MAC_ADDRESS" if addresses else "BEACON_ID",
        "fragmentIdentification": flags & 0x1F,
        "collectionIdentifier": identifier,
        "hash": digest,
    }
    found: list[dict[str, Any]] = []
    told["macAddressData" if addresses else "beaconIdData"] = found
    decoded["dataScanCollection"] = told
    while len(reader):
        rssi = reader.signed(1)
        if addresses:
            found.append({"bssid": reader.take(6).hex(":"), "rssi": rssi})
        else:  # a collection has three bytes of an id, a scan two
            found.append({"beaconId": reader.take(3)[0 if option == COLLECTION else 1 :].hex(), "rssi": rssi})


def _proximity(reader: Reader, _option: int, decoded: dict[str, Any]) -> None:
    kind = reader.unsigned(1)
    if kind != 4:
        raise DriverError(f"of the proximity message {kind} only the header is read")
    decoded["proximityWhiteListing"] = {"rollingProximityIdentifier": reader.take(16).hex()}


def _debug(reader: Reader, option: int, decoded: dict[str, Any]) -> None:
    if option == 0:
        decoded |= {"debugCommandTag": "DEBUG_CRASH_INFORMATION", "debugErrorCode": reader.unsigned(1)}
        decoded["debugCrashInfo"] = reader.take(len(reader)).decode(errors="replace")
    elif option == 1:
        decoded |= {"debugCommandTag": "TX_POWER_INDEX_VALUE", "txPowerIndex": reader.unsigned(1)}
    elif option == 2:
        decoded |= {"debugCommandTag": "UPLINK_LENGTH_ERR", "lengthErrCounter": reader.unsigned(2)}
    elif option == 3:
        decoded |= {"debugCommandTag": "GENERIC_ERROR", "genericErrorCode": reader.unsigned(1)}
    elif option == 4:
        words: list[str] = []
        decoded |= {"debugCommandTag": "SPECIFIC_FIRMWARE_PARAMETERS", "specificFirmwareParameters": words}
        while len(reader):
            words.append(reader.take(4).hex().upper())
    else:
        raise DriverError(f"unknown debug message {option}")


BODIES: dict[int, tuple[str, Body]] = {
    0x04: ("ENERGY_STATUS", _status),
    0x07: ("MISC_DATA", _misc),
    0x09: ("SHUTDOWN", _shutdown),
    0x0A: ("EVENT", _event),
    0x0B: ("DATA_SCAN_COLLECTION", _collection),
    0x0C: ("PROXIMITY_DETECTION", _proximity),
    0x0F: ("DEBUG", _debug),
}
"""By message type, its name and what reads the rest of it."""
