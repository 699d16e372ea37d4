"""Abeeway trackers of the third generation (application asset-tracker-3): header, positions, notifications.

Names are those of the vendor's public decoder. What a tracker answers to requests (responses, queries), its telemetry
and the system notifications with pages of their own are told by header and class alone, with an error beside it.

Source: the driver abeeway:asset-tracker-3 of the public device catalogue (actility/device-catalog) and its examples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from uplab.simulator.forwarder.documents.drivers.driver import Driver, DriverError, Reader, partly

__all__ = ["DRIVER"]

TYPES = {1: "NOTIFICATION", 2: "POSITION", 3: "QUERY", 4: "RESPONSE", 5: "TELEMETRY"}
NO_TIME = 0xFFFF
CHARGING, UNKNOWN_LEVEL = 0, 127
HALF_DAY = timedelta(hours=12)
NEAR = timedelta(hours=1)
"""So much the tracker's clock and that of the network may differ, either way."""

STATUSES = ("SUCCESS", "TIMEOUT", "FAILURE", "NOT_SOLVABLE")
POSITIONS = (
    *("LR11xx_A_GNSS", "LR11xx_GNSS_NAV1", "LR11xx_GNSS_NAV2", "WIFI", "BLE_SCAN1_MAC", "BLE_SCAN1_SHORT"),
    *("BLE_SCAN1_LONG", "BLE_SCAN2_MAC", "BLE_SCAN2_SHORT", "BLE_SCAN2_LONG", "GNSS", "AIDED_GNSS"),
)
TRIGGERS = (
    *("Pod", "Sos", "MotionStart", "MotionStop", "InMotion", "InStatic", "Shock", "TempHighThreshold"),
    *("TempLowThreshold", "Geozoning"),
)
QUALITIES = ("INVALID", "VALID", "FIX_2D", "FIX_3D")
FAR_ERRORS = ("(250,500]", "(500,1000]", "(1000,2000]", "(2000,4000]", ">4000")
CONSTELLATIONS = ("GPS", "GLONASS", "BEIDOU", "GALILEO")
TIMEOUTS = ("T0_TIMEOUT", "T1_TIMEOUT", "ACQUISITION_TIMEOUT")
NETWORKS = (
    *("NO_NETWORK", "LORA_NETWORK", "CELLULAR_NETWORK_IN_LOW_POWER_MODE"),
    "CELLULAR_NETWORK_IN_HIGH_POWER_MODE",
)


def _named(names: tuple[str, ...], number: int, what: str) -> str:
    if number >= len(names):
        raise DriverError(f"{what} {number} is unknown")
    return names[number]


def _decode(_f_port: int, payload: bytes) -> dict[str, Any]:
    reader = Reader(payload)
    first, level = reader.unsigned(1), reader.unsigned(1)
    header: dict[str, Any] = {
        "sos": bool(first & 0x40),
        "type": TYPES.get(first >> 3 & 7, "UNKNOWN"),
        "ackToken": first & 7,
        "multiFrame": bool(first & 0x80),
        "batteryLevel": {CHARGING: "CHARGING", UNKNOWN_LEVEL: "UNKNOWN"}.get(level & 0x7F, level & 0x7F),
    }
    if level & 0x80:  # it was kept, and says the whole time
        header |= {"timestamp": _iso(datetime.fromtimestamp(reader.unsigned(4), UTC)), "buffering": True}
    else:
        header["halfDaySeconds"] = reader.unsigned(2)  # since midnight or noon; the time of reception says of which day
    decoded: dict[str, Any] = {"header": header}

    def rest() -> None:
        if header["multiFrame"]:
            frame = reader.unsigned(1)
            decoded["extendedHeader"] = {"groupId": frame >> 5, "last": frame >> 4 & 1, "frameNumber": frame & 15}
        if header["type"] == "POSITION":
            decoded["position"] = position = dict[str, Any]()
            _position(reader, position)
        elif header["type"] == "NOTIFICATION":
            decoded["notification"] = notification = dict[str, Any]()
            _notification(reader, notification)
        else:
            raise DriverError(f"messages of type {header['type']} are not read")

    return partly(decoded, rest)


def _position(reader: Reader, position: dict[str, Any]) -> None:
    kind = reader.unsigned(1)
    position["motion"] = kind >> 7
    position["status"] = STATUSES[kind >> 5 & 3]
    position["positionType"] = name = _named(POSITIONS, kind & 15, "position type")
    position["motionCounter"] = reader.unsigned(1) & 15
    triggers = reader.unsigned(2)
    position["triggers"] = {f"geoTrigger{one}": triggers >> bit & 1 for bit, one in enumerate(TRIGGERS)}
    if position["status"] in ("TIMEOUT", "FAILURE"):
        if name == "GNSS":
            position["gnssFailure"] = _gnss_failure(reader)
        return
    if name == "GNSS":
        fix = position["gnssFix"] = _gnss_fix(reader)
        position["coordinates"] = [fix["longitude"], fix["latitude"], fix["altitude"]]
    elif name == "WIFI":
        position["wifiBssids"] = _heard(reader, 6, ":", "mac")
    elif name.endswith("MAC"):
        position["bleBeaconMacs"] = _heard(reader, 6, ":", "mac")
    elif name.endswith(("SHORT", "LONG")):
        position["bleBeaconIds"] = _heard(reader, 2 if name.endswith("SHORT") else 16, "-", "id")
    elif name.startswith("LR11xx"):
        position["lr11xx" + {"A_GNSS": "AGnss", "GNSS_NAV1": "GnssNav1", "GNSS_NAV2": "GnssNav2"}[name[7:]]] = (
            reader.take(len(reader)).hex()
        )


def _heard(reader: Reader, size: int, between: str, name: str) -> list[dict[str, Any]]:
    """Access points or beacons, each with its strength in dBm; what is cut off at the end is none."""
    found = []
    while len(reader) > size:
        found.append({name: reader.take(size).hex(between), "rssi": reader.signed(1)})
    return found


def _gnss_fix(reader: Reader) -> dict[str, Any]:
    latitude, longitude, altitude = reader.signed(4) / 1e7, reader.signed(4) / 1e7, reader.signed(2)
    course, speed, error, quality = reader.unsigned(2), reader.unsigned(2), reader.unsigned(1), reader.unsigned(1)
    return {
        "latitude": latitude,
        "longitude": longitude,
        "altitude": altitude,
        "COG": course,  # hundredths of a degree
        "SOG": speed,  # cm/s
        "EHPE": error if error <= 250 else FAR_ERRORS[error - 251],
        "quality": {
            "fixQuality": _named(QUALITIES, quality >> 5, "fix quality"),
            "numberSatellitesUsed": quality & 0x1F,
        },
    }


def _gnss_failure(reader: Reader) -> dict[str, Any]:
    head = reader.unsigned(1)
    cause = _named(TIMEOUTS, head >> 5, "timeout cause")
    seen = []
    for _ in range(head & 0x1F):
        number, strength = reader.unsigned(1), reader.unsigned(1)
        seen.append({"svId": number, "constellation": CONSTELLATIONS[strength >> 6], "CN": strength & 0x3F})
    return {"timeoutCause": cause, "satellitesSeen": seen}


def _temperature(reader: Reader) -> dict[str, Any]:
    return {"temperature": reader.signed(1)}


def _vector(reader: Reader) -> list[int]:
    return [reader.signed(2) for _ in range(3)]


def _motion_end(reader: Reader) -> dict[str, Any]:
    return {"accelerometer": {"accelerationVector": _vector(reader), "motionPercent": reader.unsigned(1)}}


def _shock(reader: Reader) -> dict[str, Any]:
    vector = _vector(reader)
    return {
        "accelerometer": {
            "accelerationVector": vector,
            "gaddIndex": reader.unsigned(1),
            "numberShocks": reader.unsigned(1),
        }
    }


def _network(reader: Reader) -> dict[str, Any]:
    roles = ("activeNetwork", "mainNetwork", "backupNetwork")
    told: dict[str, Any] = {role: _named(NETWORKS, reader.unsigned(1), "network") for role in roles}
    if len(reader):
        told |= {"psmActiveTime": reader.unsigned(2), "psmTAU": reader.unsigned(4)}
    return {"network": told}


def _low_battery(reader: Reader) -> dict[str, Any]:
    return {
        "system": {"lowBattery": {"consumption": reader.unsigned(2), "batteryVoltage": reader.unsigned(2)}},
    }


def _tamper(reader: Reader) -> dict[str, Any]:
    state = "CASING_OPEN" if reader.unsigned(1) & 1 else "CASING_CLOSED"
    return {"system": {"tamperDetection": {"state": state}}}


def _nothing(_reader: Reader) -> dict[str, Any]:
    return {}


def _unread(_reader: Reader) -> dict[str, Any]:
    raise DriverError("system notifications of this type are not read")


Told = Callable[[Reader], dict[str, Any]]
NOTIFICATIONS: Mapping[int, tuple[str, tuple[tuple[str, Told], ...]]] = {
    0: (
        "SYSTEM",
        (
            ("STATUS", _unread),
            ("LOW_BATTERY", _low_battery),
            ("BLE_STATUS", _unread),
            ("TAMPER_DETECTION", _tamper),
            ("HEARTBEAT", _unread),
            ("SHUTDOWN", _unread),
            ("DATA_BUFFERING_STATUS", _unread),
            ("FUOTA", _unread),
        ),
    ),
    1: ("SOS", (("SOS_ON", _nothing), ("SOS_OFF", _nothing))),
    2: ("TEMPERATURE", (("TEMP_HIGH", _temperature), ("TEMP_LOW", _temperature), ("TEMP_NORMAL", _temperature))),
    3: ("ACCELEROMETER", (("MOTION_START", _nothing), ("MOTION_END", _motion_end), ("SHOCK", _shock))),
    4: ("NETWORK", (("MAIN_UP", _network), ("BACKUP_UP", _network))),
    5: (
        "GEOZONING",
        tuple((name, _nothing) for name in ("ENTRY", "EXIT", "IN_HAZARD", "OUT_HAZARD", "MEETING_POINT")),
    ),
}
"""By the class: its name, and of each type the name and what follows."""


def _notification(reader: Reader, notification: dict[str, Any]) -> None:
    head = reader.unsigned(1)
    if head >> 4 not in NOTIFICATIONS:
        raise DriverError(f"notifications of class {head >> 4} are not read")
    notification["notificationClass"], types = NOTIFICATIONS[head >> 4]
    if head & 15 >= len(types):
        raise DriverError(f"notification type {head & 15} of class {head >> 4} is unknown")
    notification["notificationType"], told = types[head & 15]
    notification |= told(reader)


def _dated(decoded: dict[str, Any], time_s: float) -> dict[str, Any]:
    """The moment of the message, in the place of the seconds since midnight or noon (UTC) that it holds."""
    header = dict(decoded["header"])
    seconds = header.pop("halfDaySeconds", None)
    if seconds is None:
        return decoded
    received = datetime.fromtimestamp(time_s, UTC)
    begun = received.replace(hour=received.hour // 12 * 12, minute=0, second=0, microsecond=0)
    moment = begun + timedelta(seconds=seconds)
    if seconds == NO_TIME:  # its clock is not set yet
        moment = received
    elif moment > received + NEAR:
        moment -= HALF_DAY
    return {**decoded, "header": {**header, "timestamp": _iso(moment)}}


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


DRIVER = Driver("abeeway", ("asset-tracker-3",), frozenset(range(1, 224)), _decode, dated=_dated)
