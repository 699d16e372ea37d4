"""Abeeway trackers (Micro, Compact, Industrial): position and heartbeat messages.

Layout: Abeeway trackers reference guide, uplink messages; the names of the decoded fields are those of the decoded
example in ThingPark X IoT Flow's uplink message page.
"""

from __future__ import annotations

from typing import Any

from uplab.simulator.forwarder.documents.drivers.driver import Driver, DriverError, PartialError, Reader, partly
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
POSITION_TYPES = {
    0: "GPS",
    1: "GPS_TIMEOUT",
    2: "ENCRYPTED_WIFI_BSSIDS",
    3: "WIFI_TIMEOUT",
    4: "WIFI_FAILURE",
    5: "LP_GPS",
    6: "LP_GPS",
    7: "BLE_BEACON_SCAN",
    8: "BLE_BEACON_FAILURE",
    9: "WIFI_BSSIDS",
    10: "BLE_BEACON_SHORT_ID",
    11: "BLE_BEACON_LONG_ID",
}
# Messages of which only the header, which all have in common, is read
MESSAGES = {
    0x04: "ENERGY_STATUS",
    0x07: "MISC_DATA",
    0x09: "SHUTDOWN",
    0x0A: "EVENT",
    0x0B: "DATA_SCAN_COLLECTION",
    0x0C: "PROXIMITY_DETECTION",
    0x0D: "SMS",
    0x0F: "DEBUG",
}
FIXES = ("NO_FIX", "FIX_TIME_ONLY", "FIX_2D", "FIX_3D")
TIMEOUT_CAUSES = {0: "USER_TIMEOUT", 1: "T0_TIMEOUT_TIMEOUT", 2: "T1_TIMEOUT"}
DOWNLINKS = {"POS_ON_DEMAND": 0x01, "START_SOS": 0x04, "STOP_SOS": 0x05}


def _scaled(value: int, low: float, high: float, *, reserved: int = 0) -> float:
    """Return the physical value of the guide's 8-bit encoded form, of which `reserved` values mean something else."""
    return (value - reserved / 2) * (high - low) / (255 - reserved) + low


def _battery(f_port: int, value: int) -> dict[str, Any]:
    """Return a voltage, as firmware 1 coded it (0 and 255 say that there is none), or the level of firmware 2."""
    if f_port != FIRMWARE_1_PORT:
        return {"batteryLevel": value}
    return {} if value in {0, 255} else {"batteryVoltage": round(_scaled(value, 2.8, 4.2, reserved=2), 2)}


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
        "temperature": round(_scaled(temperature, -44.0, 85.0), 1),
        "ackToken": token >> 4,
    }
    return common, token & 0x0F


def _position(f_port: int, reader: Reader) -> dict[str, Any]:
    decoded, kind = _header(f_port, "POSITION_MESSAGE", reader)
    decoded["rawPositionType"] = POSITION_TYPES.get(kind, "UNKNOWN")
    if kind == 0:
        decoded["age"] = round(_scaled(reader.unsigned(1), 0.0, 2040.0))
        # The three sent bytes are the upper ones of degrees times ten million.
        decoded["latitude"] = (reader.signed(3) << 8) / 10_000_000
        decoded["longitude"] = (reader.signed(3) << 8) / 10_000_000
        decoded["horizontalAccuracy"] = round(_scaled(reader.unsigned(1), 0.0, 1000.0), 2)
    return decoded


def _extended_position(f_port: int, reader: Reader) -> dict[str, Any]:
    """Read what trackers of firmware 2 send for a position: its age in seconds, and every digit of the place."""
    status, battery, temperature, kind = reader.take(4)
    decoded, _ = _header(f_port, "EXTENDED_POSITION_MESSAGE", Reader(bytes((status, battery, temperature, kind))))
    kind &= 0x0F
    decoded["rawPositionType"] = POSITION_TYPES.get(kind, "UNKNOWN")

    def read() -> None:
        if kind == 0:
            _extended_gps(reader, decoded)
        elif kind == 1:
            decoded["timeoutCause"] = TIMEOUT_CAUSES.get(reader.unsigned(1), "UNKNOWN")
            decoded["bestSatellitesCOverN"] = [round(_scaled(one, 0.0, 50.0)) for one in reader.take(4)]
        elif kind in (2, 7, 9):
            decoded["age"] = reader.unsigned(2)
            name = "bleBssids" if kind == 7 else "wifiBssids"
            found: list[dict[str, Any]] = []
            decoded[name] = found
            while len(reader):
                found.append({"bssid": reader.take(6).hex(":"), "rssi": reader.signed(1)})
        elif kind in (10, 11):
            decoded["age"] = reader.unsigned(2)
            beacons: list[dict[str, Any]] = []
            decoded["bleBeaconIds"] = beacons
            while len(reader):
                beacons.append({"beaconId": reader.take(6 if kind == 10 else 16).hex("-"), "rssi": reader.signed(1)})
        elif kind in (3, 4, 8):
            decoded["age"] = reader.unsigned(2)
        else:
            raise DriverError(f"of the position type {kind} only the header is read")

    return partly(decoded, read)


def _extended_gps(reader: Reader, decoded: dict[str, Any]) -> None:
    decoded["age"] = reader.unsigned(2)
    decoded["gpsFixStatus"] = FIXES[reader.unsigned(1) & 3]
    decoded["gpsLatitude"] = reader.signed(4) / 10_000_000
    decoded["gpsLongitude"] = reader.signed(4) / 10_000_000
    decoded["gpsAltitude"] = reader.signed(2)
    decoded["horizontalAccuracy"] = reader.unsigned(1)
    decoded["gpsCourseOverGround"] = reader.unsigned(2)
    decoded["gpsSpeedOverGround"] = reader.unsigned(2)


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
    if message in MESSAGES:
        decoded, _ = _header(f_port, MESSAGES[message], reader)
        raise PartialError(f"of the message {MESSAGES[message]} only the header is read", decoded)
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
