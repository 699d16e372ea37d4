"""Elsys sensor bytes to named values, as the decoder of a Widgelix device type does it.

An Elsys payload is a run of (type code, value) pairs without lengths, numbers big-endian, so a decoder has to know
the length of every code, also of those that it does not show. Source of the layout: the vendor's payload document
("Elsys LoRa payload", version 8 and later); judged by the vendor's example in tests/vectors/device-payloads.json.
"""

from collections.abc import Callable, Mapping
from typing import Final

__all__ = ["NAMES", "CodecError", "decode"]

_Reader = Callable[[bytes], float | int]


class CodecError(ValueError):
    """The bytes are no Elsys payload; the text says which byte is wrong."""


def _unsigned(raw: bytes) -> int:
    return int.from_bytes(raw, "big")


def _tenths(raw: bytes) -> float:
    return int.from_bytes(raw, "big", signed=True) / 10


def _thousandths(raw: bytes) -> float:
    return int.from_bytes(raw, "big", signed=True) / 1000


# Type code -> (name with its unit here: degrees Celsius, percent, lux, count, ppm, mV, hPa, ppb), length, reader.
_SHOWN: Final[Mapping[int, tuple[str, int, _Reader]]] = {
    0x01: ("temperature", 2, _tenths),
    0x02: ("humidity", 1, _unsigned),
    0x04: ("light", 2, _unsigned),
    0x05: ("motion", 1, _unsigned),
    0x06: ("co2", 2, _unsigned),
    0x07: ("battery", 2, _unsigned),
    0x0C: ("external_temperature", 2, _tenths),
    0x11: ("occupancy", 1, _unsigned),
    0x14: ("pressure", 4, _thousandths),
    0x1C: ("tvoc", 2, _unsigned),
}

# Type code -> length of what is only stepped over.
_SKIPPED: Final[Mapping[int, int]] = {
    0x03: 3,  # acceleration, one byte for each axis
    0x08: 2,  # analog input 1
    0x09: 6,  # position
    0x0A: 2,  # pulses, input 1
    0x0B: 4,  # pulses, input 1, since ever
    0x0D: 1,  # digital input 1
    0x0E: 2,  # distance
    0x0F: 1,  # vibrations
    0x10: 4,  # infrared thermometer, inner and outer
    0x12: 1,  # water leak
    0x13: 65,  # thermal camera: reference and 64 pixels
    0x15: 2,  # sound, peak and average
    0x16: 2,  # pulses, input 2
    0x17: 4,  # pulses, input 2, since ever
    0x18: 2,  # analog input 2
    0x19: 2,  # external temperature 2
    0x1A: 1,  # digital input 2
    0x1B: 4,  # analog input in microvolt
    0x1D: 1,  # air quality index
    0x1E: 1,  # generic boolean
    0x1F: 1,  # generic 8 bit
    0x20: 2,  # generic 16 bit
    0x21: 1,  # view of the display
    0x22: 2,  # set point
    0x23: 1,  # fan speed
    0x24: 1,  # external humidity
    0x3C: 4,  # checksum
    0x3D: 4,  # debug
}
_BYTES = 0x3B  # one byte of length, then that many bytes
_SETTINGS = 0x3E  # the rest of the payload holds settings, sent once after a start

NAMES: Final = tuple(name for name, _, _ in _SHOWN.values())
"""The names that `decode` can give."""


def decode(payload: bytes) -> dict[str, float | int]:
    """Return the values of a payload by name; of a type that occurs twice the later one.

    Raises CodecError when a type code is unknown or its value is cut short: no part of such a payload can be trusted.
    """
    values: dict[str, float | int] = {}
    at = 0
    while at < len(payload):
        code = payload[at]
        if code == _SETTINGS:
            break
        length = _length(payload, at)
        value = payload[at + 1 : at + 1 + length]
        if len(value) < length:
            raise CodecError(f"byte {at}: type 0x{code:02x} needs {length} bytes, {len(value)} are left")
        if code in _SHOWN:
            name, _, read = _SHOWN[code]
            values[name] = read(value)
        at += 1 + length
    return values


def _length(payload: bytes, at: int) -> int:
    code = payload[at]
    if code in _SHOWN:
        return _SHOWN[code][1]
    if code in _SKIPPED:
        return _SKIPPED[code]
    if code == _BYTES:
        return 1 + int.from_bytes(payload[at + 1 : at + 2], "big")
    raise CodecError(f"byte {at}: type 0x{code:02x} is unknown")
