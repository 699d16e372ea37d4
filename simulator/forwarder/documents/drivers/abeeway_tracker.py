"""Abeeway trackers (Micro, Compact, Industrial, Smart Badge): their messages, and positions and heartbeats themselves.

Layout: Abeeway trackers reference guide, uplink messages; the names of the decoded fields are those of the decoded
example in ThingPark X IoT Flow's uplink message page, and where it has none those of the vendor's public examples
(actility/device-catalog, driver asset-tracker of firmware 2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from uplab.simulator.forwarder.documents.drivers.abeeway_messages import BODIES, frame_pending, scaled, sms
from uplab.simulator.forwarder.documents.drivers.driver import Driver, DriverError, Reader, partly
from uplab.simulator.forwarder.documents.drivers.request import choice, integer

__all__ = ["DRIVER"]

FIRMWARE_1_PORT, FIRMWARE_2_PORT = 17, 18
POSITION, HEARTBEAT, EXTENDED_POSITION = 0x03, 0x05, 0x0E
DOWNLINK_PORT = 2
MODES = {
    0: "STAND_BY",
    1: "MOTION_TRACKING",
    2: "PERMANENT_TRACKING",
    3: "MOTION_START_END_TRACKING",
    4: "ACTIVITY_TRACKING",
    5: "OFF",
}
POSITION_TYPES = (
    "GPS",
    "GPS_TIMEOUT",
    "ENCRYPTED_WIFI_BSSIDS",
    "WIFI_TIMEOUT",
    "WIFI_FAILURE",
    "XGPS_DATA",
    "XGPS_DATA_WITH_GPS_SW_TIME",
    "BLE_BEACON_SCAN",
    "BLE_BEACON_FAILURE",
    "WIFI_BSSIDS_WITH_NO_CYPHER",
    "BLE_BEACON_SCAN_SHORT_ID",
    "BLE_BEACON_SCAN_LONG_ID",
)
GPS, GPS_TIMEOUT, WIFI_TIMEOUT, WIFI_FAILURE, BLE_SCAN, BLE_FAILURE, WIFI_SCAN, SHORT_IDS, LONG_IDS = (
    *(0, 1, 3, 4, 7, 8, 9, 10, 11),
)
FRAME_PENDING, SMS = 0x00, 0x0D  # messages without the header
TIMEOUT_CAUSES = ("USER_TIMEOUT", "T0_TIMEOUT", "T1_TIMEOUT")
BLE_FAILURES = (
    "BLE_NOT_RESPONDING",
    "INTERNAL_ERROR",
    "SHARED_ANTENNA_NOT_AVAILABLE",
    "SCAN_ALREADY_ON_GOING",
    "NO_BEACON_DETECTED",
    "HARDWARE_INCOMPATIBILITY",
)
FIX_3D, IN_METRES = 1, 2  # bits of the status of a fix
DOWNLINKS = {"POS_ON_DEMAND": 0x01, "START_SOS": 0x04, "STOP_SOS": 0x05}


def _battery(f_port: int, value: int) -> dict[str, Any]:
    """Return a voltage, as firmware 1 coded it (0 and 255 say that there is none), or the level of firmware 2."""
    if f_port != FIRMWARE_1_PORT:
        return {"batteryLevel": value}
    return {} if value in {0, 255} else {"batteryVoltage": round(scaled(value, 2.8, 4.2, reserved=2), 2)}


def _header(f_port: int, message_type: str, reader: Reader) -> tuple[dict[str, Any], int]:
    """Return the fields that all messages begin with, and the option nibble."""
    status, battery, temperature, token = reader.take(4)
    common = {
        "messageType": message_type,
        "mode": MODES.get(status >> 5, "UNKNOWN"),
        "userAction": status >> 4 & 1,
        "appState": status >> 3 & 1,
        "moving": bool(status & 4),
        "periodicPosition": bool(status & 2),
        "onDemand": bool(status & 1),
        **_battery(f_port, battery),
        "temperature": round(scaled(temperature, -44.0, 85.0), 1),
        "ackToken": token >> 4,
    }
    return common, token & 0x0F


def _position(f_port: int, reader: Reader) -> dict[str, Any]:
    """Read a position in short: its age in eights of seconds, and the upper three bytes of a place."""
    decoded, kind = _header(f_port, "POSITION_MESSAGE", reader)

    def gps() -> None:
        decoded["age"] = _age(reader)
        # The three sent bytes are the upper ones of degrees times ten million.
        decoded["latitude"] = (reader.signed(3) << 8) / 10_000_000
        decoded["longitude"] = (reader.signed(3) << 8) / 10_000_000
        decoded["horizontalAccuracy"] = round(scaled(reader.unsigned(1), 0.0, 1000.0), 2)

    return _of_kind(kind, reader, decoded, gps, _age, aged={BLE_SCAN, WIFI_SCAN, SHORT_IDS, LONG_IDS})


def _extended_position(f_port: int, reader: Reader) -> dict[str, Any]:
    """Read what trackers of firmware 2 send for a position: its age in seconds, and every digit of the place."""
    decoded, kind = _header(f_port, "EXTENDED_POSITION_MESSAGE", reader)
    aged = {GPS_TIMEOUT, WIFI_TIMEOUT, WIFI_FAILURE, BLE_SCAN, BLE_FAILURE, WIFI_SCAN, SHORT_IDS, LONG_IDS}
    return _of_kind(kind, reader, decoded, lambda: _extended_gps(reader, decoded), _age_s, aged=aged)


def _age(reader: Reader) -> int:
    return round(scaled(reader.unsigned(1), 0.0, 2040.0))


def _age_s(reader: Reader) -> int:
    return reader.unsigned(2)


def _of_kind(
    kind: int,
    reader: Reader,
    decoded: dict[str, Any],
    gps: Callable[[], None],
    age: Callable[[Reader], int],
    *,
    aged: set[int],
) -> dict[str, Any]:
    """Read what follows the header of a position of a kind: GPS by `gps`, and the `age` of those that have one."""
    decoded["rawPositionType"] = POSITION_TYPES[kind] if kind < len(POSITION_TYPES) else "UNKNOWN"

    def read() -> None:
        if kind == GPS:
            gps()
            return
        if kind in aged:
            decoded["age"] = age(reader)
        _found(kind, reader, decoded)

    return partly(decoded, read)


def _found(kind: int, reader: Reader, decoded: dict[str, Any]) -> None:
    if kind == GPS_TIMEOUT:
        decoded["timeoutCause"] = _name(TIMEOUT_CAUSES, reader.unsigned(1))
        decoded["bestSatellitesCOverN"] = [round(scaled(one, 0.0, 50.0)) for one in reader.take(4)]
    elif kind in (WIFI_TIMEOUT, WIFI_FAILURE):
        decoded["batteryVoltageMeasures"] = [round(scaled(one, 2.8, 4.2, reserved=2), 2) for one in reader.take(6)]
        if kind == WIFI_FAILURE:
            decoded["errorCode"] = reader.unsigned(1)
    elif kind == BLE_FAILURE:
        decoded["bleBeaconFailure"] = _name(BLE_FAILURES, reader.unsigned(1))
    elif kind in (BLE_SCAN, WIFI_SCAN):
        seen = decoded["bleBssids" if kind == BLE_SCAN else "wifiBssids"] = []
        while len(reader):
            seen.append({"bssid": reader.take(6).hex(":"), "rssi": reader.signed(1)})
    elif kind in (SHORT_IDS, LONG_IDS):
        seen = decoded["bleBeaconIds"] = []
        while len(reader):
            seen.append({"beaconId": reader.take(6 if kind == SHORT_IDS else 16).hex("-"), "rssi": reader.signed(1)})
    elif kind >= len(POSITION_TYPES):
        raise DriverError(f"unknown position type {kind}")


def _name(names: tuple[str, ...], number: int) -> str:
    return names[number] if number < len(names) else "UNKNOWN"


def _extended_gps(reader: Reader, decoded: dict[str, Any]) -> None:
    decoded["age"] = reader.unsigned(2)
    status = reader.unsigned(1)
    decoded["gpsFixStatus"] = "FIX_3D" if status & FIX_3D else "FIX_2D"
    decoded["gpsLatitude"] = reader.signed(4) / 10_000_000
    decoded["gpsLongitude"] = reader.signed(4) / 10_000_000
    altitude, accuracy = reader.signed(2), reader.unsigned(1)
    metres = bool(status & IN_METRES)  # else hundredths of a metre, and the accuracy in its encoded form
    decoded["gpsAltitude"] = altitude if metres else altitude / 100
    decoded["horizontalAccuracy"] = accuracy if metres else round(scaled(accuracy, 0.0, 1000.0), 2)
    decoded["gpsCourseOverGround"] = reader.unsigned(2)
    decoded["gpsSpeedOverGround"] = reader.unsigned(2)
    if len(reader):  # how far away the fix before was, in a form that is nowhere told; and its age
        decoded["gpsPrevious"] = {"age": _age(reader)}


def _heartbeat(f_port: int, reader: Reader) -> dict[str, Any]:
    decoded, _ = _header(f_port, "HEARTBEAT", reader)
    decoded["resetCause"] = reader.unsigned(1)
    decoded["firmwareVersion"] = ".".join(str(number) for number in reader.take(3))
    if len(reader):  # trackers without Bluetooth end here
        decoded["bleFwVersion"] = ".".join(str(number) for number in reader.take(3))
    return decoded


def _decode(f_port: int, payload: bytes) -> dict[str, Any]:
    reader = Reader(payload)
    message = reader.unsigned(1)
    if message == POSITION:
        return _position(f_port, reader)
    if message == HEARTBEAT:
        return _heartbeat(f_port, reader)
    if message == EXTENDED_POSITION:
        return _extended_position(f_port, reader)
    if message == FRAME_PENDING:
        return frame_pending(reader)
    if message == SMS:
        return sms(reader)
    if message in BODIES:
        name, read = BODIES[message]
        decoded, option = _header(f_port, name, reader)
        return partly(decoded, lambda: read(reader, option, decoded))
    raise DriverError(f"unsupported message type {message}")


def _encode(payload: dict[str, Any]) -> tuple[int, bytes]:
    message = choice(payload, "downMessageType", DOWNLINKS)
    token = integer({"ackToken": 0} | payload, "ackToken", lowest=0, highest=15)
    return DOWNLINK_PORT, bytes([DOWNLINKS[message], token])


DRIVER = Driver(
    "abeeway",
    ("asset-tracker", "tracker", "micro-tracker", "compact-tracker", "indus-tracker", "smart-badge"),
    frozenset({FIRMWARE_1_PORT, FIRMWARE_2_PORT}),
    _decode,
    _encode,
)
