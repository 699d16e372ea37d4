"""How wide the documented traffic is, as tables: what devices measure, and what a document may hold.

Each row is a boundary of the documented space, or an odd but allowed value; sources stand in CONTRACT.md and in the
facts about the documents.
"""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from uplab.scenarios import Lab, LabDevice, Sent
from uplab.scenarios.suites.common.reports import uplink

__all__ = ["everything", "measured", "models"]

READINGS: Final[Mapping[str, tuple[dict[str, Any], ...]]] = {
    "elsys_ers": (
        {},
        {"temperature_c": 0.0, "humidity_pct": 0, "light_lx": 0, "motion": 0},
        {"temperature_c": -40.0, "humidity_pct": 100, "light_lx": 65_535, "motion": 255},
        {"temperature_c": None, "humidity_pct": 41, "light_lx": None, "motion": None, "battery_mv": None},
        {"temperature_c": 21.5, "humidity_pct": None},
    ),
    "dragino_lht65": ({}, {"temperature_c": 0.0, "external_temperature_c": 0.0}, {"temperature_c": -10.07}),
    "milesight_em300_th": ({}, {"temperature_c": 0.0, "humidity_pct": 0.0}, {"temperature_c": -12.3}),
    "nke_th": (
        {},
        {"temperature_c": 0.0},
        {"temperature_c": -0.01},
        {"temperature_c": None, "humidity_pct": 0.0},
        {"temperature_c": 2.7, "alarm": True},
    ),
    "ellenex_pls2_l": ({}, {"level_mm": 0}, {"level_mm": -1192}),
    "adeunis_ftd": (
        {},
        {"temperature_c": 0, "uplink_counter": 0, "downlink_counter": 0},
        {"temperature_c": -5, "rssi_dbm": -23, "snr_db": -7},
        {"temperature_c": None, "by_button": True},
    ),
    "axioma_w1": ({}, {"last_volume_l": 0}),
    "abeeway_position": ({}, {"latitude": -33.45, "longitude": -70.66}, {"latitude": 0.0, "longitude": 0.0}),
    "abeeway_heartbeat": ({}, {"reset_cause": 0, "temperature_c": -20.0}),
}
"""For each device model the readings that it sends, one after the other; what is not named is measured."""

_GATEWAY = {"Lrrid": "10000034", "Chain": "0", "LrrRSSI": -110.0, "LrrSNR": -7.25, "LrrESP": -118.0}

WIDTHS: Final[Mapping[str, dict[str, Any]]] = {
    "usual": {},  # first of all: what a forwarder keeps of one that it has decoded is not that of one without bytes
    "FPort absent": {"FPort": None, "payload_hex": None, "rawMacCommands": "0307"},
    "FPort 0": {"FPort": 0, "payload_hex": "0307"},
    "FPort 1": {"FPort": 1},
    "FPort 223": {"FPort": 223},
    "FPort 224": {"FPort": 224},
    "payload of no byte": {"payload_hex": ""},
    "payload of 1 byte": {"payload_hex": "01", "DriverCfg": None},
    "payload of 52 bytes": {"payload_hex": "0501" * 26},
    "payload of 222 bytes": {"payload_hex": "0501" * 111},
    "payload in capitals": {"payload_hex": "0100D70228"},
    "FCntUp 0": {"FCntUp": 0},
    "FCntUp 65535": {"FCntUp": 65_535},
    "FCntUp 65536": {"FCntUp": 65_536},
    "FCntUp 4294967295": {"FCntUp": 4_294_967_295},
    "Late": {"Late": 1},
    "confirmed": {"MType": 4, "ACKbit": 1, "ADRbit": 1},
    "zeros": {"LrrSNR": 0.0, "LrrESP": 0.0, "TxPower": 0.0, "MeanPER": 0.0, "FCntDn": 0},
    "signal": {"LrrRSSI": -120.5, "LrrSNR": -12.25, "MeanPER": 0.048828, "InstantPER": 0.25},
    "no gateway": {"Lrrs": {"Lrr": []}, "DevLrrCnt": 0},
    "one gateway without a list": {"Lrrs": {"Lrr": _GATEWAY}},
    "ten gateways": {"Lrrs": {"Lrr": [{**_GATEWAY, "Lrrid": f"100000{n:02d}"} for n in range(10)]}, "DevLrrCnt": 12},
    "no customer data": {"CustomerData": None},
    "a document of 20 KB": {"CustomerData": {"alr": {"pro": "LORA/Generic", "ver": "1"}, "name": "hall " * 4_000}},
    "driver of the application": {"DriverCfg": {"app": {"pId": "elsys", "mId": "ers", "ver": "1"}}},
    "decoded before": {
        "DriverCfg": None,
        "payload": {"total": 9_007_199_254_740_993, "least": -9_223_372_036_854_775_808, "share": 0.1, "small": 1e-7},
    },
    "decoded to texts and lists": {
        "DriverCfg": None,
        "payload": {
            "serial": "00012345",
            "batch": "12e4",
            "note": "",
            "alarms": [],
            "limits": {},
            "profile": [3, -2, 0],
            "open": False,
            "valve": {"position": 0, "state": "shut", "times": [{"at": 1}]},
        },
    },
    "weekly status": {"BatteryLevel": 0, "Margin": -32, "BatteryTime": "2026-01-01T00:00:00.000+00:00"},
}
"""What is changed in a right uplink; None takes the field away."""

OFFSETS: Final = ("+02:00", "-08:00", "+05:45", "-03:30", "+00:00")
"""How Time may be written: local time and its offset."""

FRACTIONS: Final = (".5", ".25", ".007")
"""The fractions of a second that Time may have, of one to three digits."""


def models(lab: Lab) -> list[LabDevice]:
    """One joined device of each model."""
    return [lab.device(model) for model in READINGS]


def measured(devices: list[LabDevice]) -> list[Sent]:
    """What each of them sends, row by row."""
    pairs = zip(devices, READINGS.values(), strict=True)
    return [device.send(**readings) for device, row in pairs for readings in row]


def everything(lab: Lab, device: LabDevice) -> list[Sent]:
    """Every row of the table of documents, and Time with every offset, one after the other."""
    sent = [lab.post(uplink(device, age_s=5.0 - n / 100, **changes)) for n, changes in enumerate(WIDTHS.values())]
    sent += [lab.post(uplink(device, Time=_at(2.0 - n / 10, offset))) for n, offset in enumerate(OFFSETS)]
    whole = [_at(1.0, "+00:00").partition(".")[0] + fraction for fraction in sorted(FRACTIONS)]
    return sent + [lab.post(uplink(device, Time=f"{time}+00:00")) for time in whole]


def _at(age_s: float, offset: str) -> str:
    """The moment so many seconds ago, to the millisecond, as a place with this offset writes it."""
    hours, minutes = int(offset[1:3]), int(offset[4:6])
    zone = timezone((1 if offset[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes))
    return datetime.fromtimestamp(time.time() - age_s, zone).isoformat(timespec="milliseconds")
