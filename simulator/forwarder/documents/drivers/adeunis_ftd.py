"""Adeunis Field Test Device, firmware 1.2 or later: a flag byte says which fields follow."""

from __future__ import annotations

from typing import Any

from uplab.simulator.forwarder.documents.drivers.driver import Driver, DriverError, Reader

__all__ = ["DRIVER"]

TEMPERATURE, ACCELEROMETER, BUTTON, GPS = 0x80, 0x40, 0x20, 0x10
UPLINK_COUNTER, DOWNLINK_COUNTER, BATTERY, SIGNAL = 0x08, 0x04, 0x02, 0x01
# Seven digits in all: the more of them are degrees, the fewer decimals the minutes have.
MINUTE_PARTS = {2: 1000, 3: 100}


def _coordinate(coded: bytes, *, degree_digits: int, highest: int) -> float:
    """Return degrees from packed decimal digits: degrees, minutes with decimals, hemisphere in the last bit."""
    digits = coded.hex()
    if not digits[:7].isdecimal():
        raise DriverError("invalid coordinate")
    degrees = int(digits[:degree_digits])
    minutes = int(digits[degree_digits:7]) / MINUTE_PARTS[degree_digits]
    value = degrees + minutes / 60
    if minutes >= 60 or value > highest:
        raise DriverError("invalid coordinate")
    return round(-value if coded[3] & 1 else value, 7)


def _decode(_f_port: int, payload: bytes) -> dict[str, Any]:
    reader = Reader(payload)
    flags = reader.unsigned(1)
    decoded: dict[str, Any] = {}
    if flags & TEMPERATURE:
        decoded["temperature"] = reader.signed(1)
    if flags & ACCELEROMETER:
        decoded["trigger"] = "accelerometer"
    if flags & BUTTON:
        decoded["trigger"] = "pushButton"
    if flags & GPS:
        decoded["latitude"] = _coordinate(reader.take(4), degree_digits=2, highest=90)
        decoded["longitude"] = _coordinate(reader.take(4), degree_digits=3, highest=180)
        quality = reader.unsigned(1)
        decoded |= {"gpsQuality": quality >> 4, "gpsSatellites": quality & 0x0F}
    if flags & UPLINK_COUNTER:
        decoded["uplinkCounter"] = reader.unsigned(1)
    if flags & DOWNLINK_COUNTER:
        decoded["downlinkCounter"] = reader.unsigned(1)
    if flags & BATTERY:
        decoded["batteryVoltage"] = reader.unsigned(2) / 1000
    if flags & SIGNAL:
        # Of the last downlink, as the device heard it; not to be mistaken for the gateway's figures.
        decoded |= {"downlinkRssi": -reader.unsigned(1), "downlinkSnr": reader.signed(1)}
    return decoded


DRIVER = Driver("adeunis", ("field-test", "ftd"), frozenset({1}), _decode)
