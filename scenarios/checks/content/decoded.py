"""What an uplink's bytes say, read once more on this side: the quantities of which telemetry and `payload` must speak.

A driver's names are its author's, so a quantity has all names under which it is public, each with its unit. Only the
forms that the models are documented to send are read; of any other nothing is asked. Sources: the vendors' payload
documents, and tests/vectors/device-payloads.json, which judges this reading as well as the forwarder's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

__all__ = ["Quantity", "Reading", "Said", "names_of", "read_uplink"]

_Names = Mapping[str, float]

Said = float | bool | str | datetime | list[Any]
"""What bytes say: a number, a truth, a word, an instant, or a list (of objects, too) of these."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """One value in the unit of its first name; under another name it is `value * factor`, each to within `within`.

    Words are one in any case and with any separators, and an instant in any notation of ISO 8601. `also` are other
    forms in which drivers say the same, such as the number that stands in the bytes for a word.
    """

    names: _Names
    value: Said
    within: float = 0.0
    also: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What an uplink's payload says: its model, and its quantities.

    None of them in `quantities` where nothing may be decoded: no driver, no application data, or a port that the model
    does not use (`error`: a driver there must have failed). `quantities` is None where the lab cannot read it either.
    """

    model: str | None
    quantities: tuple[Quantity, ...] | None = ()
    error: bool = False


class _UnreadError(ValueError):
    """Another form of payload than those that are read here."""


_ONE: Final = 1.0
_TEMPERATURE: Final = {"temperature": _ONE, "TempC_SHT": _ONE, "temp": _ONE}
_HUMIDITY: Final = {"humidity": _ONE, "Hum_SHT": _ONE, "relativeHumidity": _ONE}
_BATTERY_V: Final = {"batteryVoltage": _ONE, "BatV": _ONE, "vdd": 1000.0, "battery_mv": 1000.0}
_LIGHT: Final = {"light": _ONE, "illuminance": _ONE}
_MOTION: Final = {"motion": _ONE}
_CO2: Final = {"co2": _ONE}
_BATTERY_PCT: Final = {"battery": _ONE, "batteryLevel": _ONE}
_EXTERNAL: Final = {"externalTemperature": _ONE, "TempC_DS": _ONE}
_LEVEL: Final = {"level": _ONE, "level_mm": _ONE}
_LAST_VOLUME: Final = {"lastVolume": _ONE}
_UPLINKS: Final = {"uplinkCounter": _ONE}
_DOWNLINKS: Final = {"downlinkCounter": _ONE}
_DOWNLINK_RSSI: Final = {"downlinkRssi": _ONE}
_DOWNLINK_SNR: Final = {"downlinkSnr": _ONE}
_LATITUDE: Final = {"latitude": _ONE, "gpsLatitude": _ONE}
_LONGITUDE: Final = {"longitude": _ONE, "gpsLongitude": _ONE}
_RESET_CAUSE: Final = {"resetCause": _ONE}
_FLAGS: Final = (({"moving": _ONE}, 4), ({"periodicPosition": _ONE}, 2), ({"onDemand": _ONE}, 1))
_AGE: Final = {"age": _ONE}
_ACCURACY: Final = {"horizontalAccuracy": _ONE}
_POSITION_TYPE: Final = {"rawPositionType": _ONE}
_FIRMWARE: Final = {"firmwareVersion": _ONE}
_BLE_FIRMWARE: Final = {"bleFwVersion": _ONE}
_TRIGGER: Final = {"trigger": _ONE}
_MODES: Final = (
    "STAND_BY",
    "MOTION_TRACKING",
    "PERMANENT_TRACKING",
    "MOTION_START_END_TRACKING",
    "ACTIVITY_TRACKING",
    "OFF",
)


def _unsigned(raw: bytes) -> int:
    return int.from_bytes(raw, "big")


def _signed(raw: bytes) -> int:
    return int.from_bytes(raw, "big", signed=True)


# Elsys: type -> (names, bytes, signed, divisor).
_ELSYS: Final[Mapping[int, tuple[_Names, int, bool, int]]] = {
    0x01: (_TEMPERATURE, 2, True, 10),
    0x02: (_HUMIDITY, 1, False, 1),
    0x04: (_LIGHT, 2, False, 1),
    0x05: (_MOTION, 1, False, 1),
    0x06: (_CO2, 2, False, 1),
    0x07: (_BATTERY_V, 2, False, 1000),
    0x0C: (_EXTERNAL, 2, True, 10),
}


def _elsys(payload: bytes) -> list[Quantity]:
    found, at = [], 0
    while at < len(payload):
        if payload[at] not in _ELSYS:
            raise _UnreadError
        names, size, signed, divisor = _ELSYS[payload[at]]
        raw = payload[at + 1 : at + 1 + size]
        if len(raw) < size:
            raise _UnreadError
        value = _signed(raw) if signed else _unsigned(raw)
        found.append(Quantity(names, value / divisor if divisor > 1 else value))
        at += 1 + size
    return found


def _dragino(payload: bytes) -> list[Quantity]:
    if len(payload) != 11:
        raise _UnreadError
    found = [
        Quantity(_BATTERY_V, (_unsigned(payload[0:2]) & 0x3FFF) / 1000),
        Quantity(_TEMPERATURE, _signed(payload[2:4]) / 100),
        Quantity(_HUMIDITY, _unsigned(payload[4:6]) / 10),
        Quantity({"batteryStatus": _ONE, "Bat_status": _ONE}, payload[0] >> 6),
        Quantity({"externalSensor": _ONE, "Ext_sensor": _ONE}, payload[6] & 0x0F),
    ]
    if payload[6] & 0x0F == 1 and payload[7:9] != b"\x7f\xff":
        found.append(Quantity(_EXTERNAL, _signed(payload[7:9]) / 100))
    return found


def _milesight(payload: bytes) -> list[Quantity]:
    found, rest = [], payload
    while rest:
        channel = rest[:2]
        if channel == b"\x01\x75" and len(rest) > 2:
            found.append(Quantity(_BATTERY_PCT, rest[2]))
        elif channel == b"\x03\x67" and len(rest) > 3:
            found.append(Quantity(_TEMPERATURE, int.from_bytes(rest[2:4], "little", signed=True) / 10))
        elif channel == b"\x04\x68" and len(rest) > 2:
            found.append(Quantity(_HUMIDITY, rest[2] / 2))
        else:
            raise _UnreadError
        rest = rest[4 if channel == b"\x03\x67" else 3 :]
    return found


def _nke(payload: bytes) -> list[Quantity]:
    if len(payload) < 9 or payload[0] != 0x11 or payload[1] not in (0x0A, 0x8A):
        raise _UnreadError
    if payload[2:7] == b"\x04\x02\x00\x00\x29":
        return [Quantity(_TEMPERATURE, _signed(payload[7:9]) / 100)]
    if payload[2:7] == b"\x04\x05\x00\x00\x21":
        return [Quantity(_HUMIDITY, _unsigned(payload[7:9]) / 100)]
    raise _UnreadError


def _adeunis(payload: bytes) -> list[Quantity]:
    found, at = [], 1
    if payload[:1] and payload[0] & 0x60:
        by_hand = bool(payload[0] & 0x20)
        found.append(Quantity(_TRIGGER, "pushButton" if by_hand else "accelerometer"))
    # flag: (names, bytes, signed, factor); the position's nine bytes are stepped over
    for flag, fields in (
        (0x80, ((_TEMPERATURE, 1, True, 1.0),)),
        (0x10, (({}, 9, False, 1.0),)),
        (0x08, ((_UPLINKS, 1, False, 1.0),)),
        (0x04, ((_DOWNLINKS, 1, False, 1.0),)),
        (0x02, ((_BATTERY_V, 2, False, 0.001),)),
        (0x01, ((_DOWNLINK_RSSI, 1, False, -1.0), (_DOWNLINK_SNR, 1, True, 1.0))),
    ):
        for names, size, signed, factor in fields if payload[:1] and payload[0] & flag else ():
            raw = payload[at : at + size]
            if len(raw) < size:
                raise _UnreadError
            if names:
                found.append(Quantity(names, (_signed(raw) if signed else _unsigned(raw)) * factor))
            at += size
    return found


def _axioma(payload: bytes) -> list[Quantity]:
    if len(payload) != 47:
        raise _UnreadError

    def number(at: int, size: int = 4) -> int:
        return int.from_bytes(payload[at : at + size], "little")

    def instant(epoch_s: int) -> datetime:
        return datetime.fromtimestamp(epoch_s, UTC)

    last, first, volume = instant(number(0)), instant(number(9)), number(13)
    deltas = [number(at, 2) for at in range(17, len(payload), 2)]
    sums = [volume + sum(deltas[:hours]) for hours in range(len(deltas) + 1)]
    volumes: list[Any] = [{"time": first + timedelta(hours=n), "volume": one} for n, one in enumerate(sums)]
    return [
        Quantity(_LAST_VOLUME, number(5)),
        Quantity({"lastLogTime": _ONE}, last),
        Quantity({"firstLogTime": _ONE}, first),
        Quantity({"firstLogVolume": _ONE}, volume),
        Quantity({"deltaVolumes": _ONE}, deltas),
        Quantity({"volumes": _ONE}, [*volumes, {"time": last, "volume": number(5)}]),
        Quantity({"payloadType": _ONE}, "Basic"),
        Quantity({"lowBattery": _ONE}, bool(payload[4] & 0x04)),
        Quantity({"permanentError": _ONE}, bool(payload[4] & 0x08)),
        *([] if payload[4] & 0x10 else [Quantity({"temporaryError": _ONE}, value=False)]),
    ]


def _ellenex(payload: bytes) -> list[Quantity]:
    if len(payload) != 8:
        raise _UnreadError
    return [Quantity(_LEVEL, _signed(payload[3:5])), Quantity(_BATTERY_V, payload[7] / 10)]


def _bit(name: str, value: int) -> Quantity:
    return Quantity({name: _ONE}, value, also=(bool(value),))


def _abeeway(payload: bytes, f_port: int) -> list[Quantity]:
    if len(payload) < 6 or payload[0] not in (0x03, 0x05):
        raise _UnreadError
    # A step of the condensed temperature is half a degree, and drivers round.
    found = [Quantity(names, bool(payload[1] & bit)) for names, bit in _FLAGS]
    found.append(Quantity(_TEMPERATURE, payload[3] * 129 / 255 - 44, within=0.3))
    found += [_bit("userAction", payload[1] >> 4 & 1), _bit("appState", payload[1] >> 3 & 1)]
    found.append(Quantity({"ackToken": _ONE}, payload[4] >> 4))
    if (mode := payload[1] >> 5) < len(_MODES):
        found.append(Quantity({"mode": _ONE}, _MODES[mode], also=(mode,)))
    if f_port != 17:
        found.append(Quantity({"batteryLevel": _ONE}, payload[2]))
    elif payload[2] not in (0, 255):
        found.append(Quantity(_BATTERY_V, (payload[2] - 1) * 1.4 / 253 + 2.8, within=0.006))
    if payload[0] == 0x05:
        found.append(Quantity({"messageType": _ONE}, "HEARTBEAT", also=("HEARTBEAT_MESSAGE", 5)))
        versions = ((_FIRMWARE, payload[6:9]), (_BLE_FIRMWARE, payload[9:12]))
        found += [Quantity(names, ".".join(map(str, raw))) for names, raw in versions if len(raw) == 3]
        return [*found, Quantity(_RESET_CAUSE, payload[5])]
    found.append(Quantity({"messageType": _ONE}, "POSITION_MESSAGE", also=("POSITION", 3)))
    if payload[4] & 0x0F == 0 and len(payload) >= 13:
        found.append(Quantity(_POSITION_TYPE, "GPS", also=(0,)))
        found.append(Quantity(_AGE, payload[5] * 8, within=0.5))
        found.append(Quantity(_ACCURACY, payload[12] * 1000 / 255, within=0.5))
        found.append(Quantity(_LATITUDE, (_signed(payload[6:9]) << 8) / 1e7, within=1e-5))
        found.append(Quantity(_LONGITUDE, (_signed(payload[9:12]) << 8) / 1e7, within=1e-5))
    return found


@dataclass(frozen=True, slots=True)
class _Model:
    ports: frozenset[int]
    read: Callable[[bytes], list[Quantity]]
    names: tuple[_Names, ...]
    """All that it may measure: what an uplink does not hold of them, nobody may say of it."""
    read_at: Mapping[int, Callable[[bytes], list[Quantity]]] = field(default_factory=dict)
    """How it is read at a port where that differs."""


_ABEEWAY = _Model(
    frozenset({17, 18}),
    partial(_abeeway, f_port=18),
    (_TEMPERATURE, _LATITUDE, _LONGITUDE, _RESET_CAUSE, _AGE, _ACCURACY, _FIRMWARE),
    {17: partial(_abeeway, f_port=17)},
)
_NKE = _Model(frozenset({125}), _nke, (_TEMPERATURE, _HUMIDITY))
_ERS = _Model(frozenset({5}), _elsys, tuple(names for names, *_ in _ELSYS.values()))
_MILESIGHT = _Model(frozenset(range(1, 224)), _milesight, (_BATTERY_PCT, _TEMPERATURE, _HUMIDITY))
_ADEUNIS = _Model(
    frozenset({1}), _adeunis, (_TEMPERATURE, _UPLINKS, _DOWNLINKS, _BATTERY_V, _DOWNLINK_RSSI, _DOWNLINK_SNR)
)
# A model is known under each reference that documents or catalogues have for its driver.
_MODELS: Final[Mapping[tuple[str, str], _Model]] = {
    ("elsys", "ers"): _ERS,
    ("elsys", "generic"): _ERS,
    ("dragino", "lht65"): _Model(frozenset({2}), _dragino, (_BATTERY_V, _TEMPERATURE, _HUMIDITY, _EXTERNAL)),
    ("milesight", "em300-th"): _MILESIGHT,
    ("msight", "em300-th"): _MILESIGHT,
    ("nke", "th"): _NKE,
    ("watteco", "th"): _NKE,
    ("adeunis", "ftd"): _ADEUNIS,
    ("adeunis", "field-test"): _ADEUNIS,
    ("axioma", "w1"): _Model(frozenset({100}), _axioma, (_LAST_VOLUME,)),
    ("ellenex", "pls2-l"): _Model(frozenset({1}), _ellenex, (_LEVEL, _BATTERY_V)),
    ("abeeway", "tracker"): _ABEEWAY,
    ("abeeway", "micro-tracker"): _ABEEWAY,
    ("abeeway", "asset-tracker"): _ABEEWAY,
}
_SAME: Final = {("elsys", "generic"): ("elsys", "ers")}
"""Applications that are known by a model's name."""


def names_of(model: str | None) -> tuple[_Names, ...]:
    """The names of all that a model may measure; none of a model that nobody knows."""
    return _MODELS[_key(model)].names if model is not None else ()


def read_uplink(report: Mapping[str, Any]) -> Reading:
    """What the payload of a DevEUI_uplink says, in either number regime; CONTRACT.md section 2 says when it is decoded.

    A driver that nobody here knows gives a Reading without model and with None: whether it decodes is its own affair.
    The application decides, and the model where a document names none.
    """
    driver = report.get("DriverCfg")
    driver = (driver.get("app") or driver.get("mod")) if isinstance(driver, dict) else None
    if not isinstance(driver, dict):
        return Reading(None)
    key = str(driver.get("pId")).lower(), str(driver.get("mId")).lower()
    model = _MODELS.get(key)
    name = "/".join(_SAME.get(key, key)) if model is not None else None
    port, coded = _port(report.get("FPort")), report.get("payload_hex")
    if not port or not isinstance(coded, str) or not coded:
        return Reading(name)
    if model is None:
        return Reading(None, None)
    if port not in model.ports:
        return Reading(name, error=True)
    try:
        read = model.read_at.get(port, model.read)
        return Reading(name, tuple(read(bytes.fromhex(coded))))
    except ValueError:
        return Reading(name, None)


def _key(model: str) -> tuple[str, str]:
    producer, _, module = model.partition("/")
    return producer, module


def _port(value: object) -> int | None:
    if isinstance(value, str) and value.isdecimal() and len(value) <= 3:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
