"""What devices of each model measure at the boundaries of what they can."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["READINGS"]

READINGS: Final[Mapping[str, tuple[dict[str, Any], ...]]] = {
    "elsys_ers": (
        {"temperature_c": 0.0, "humidity_pct": 0, "light_lx": 0, "motion": 0},
        {"temperature_c": -40.0, "humidity_pct": 100, "light_lx": 65_535, "motion": 255},
        {"temperature_c": None, "humidity_pct": 41, "light_lx": None, "motion": None, "battery_mv": None},
    ),
    "dragino_lht65": (
        {"temperature_c": 0.0, "external_temperature_c": 0.0},
        {"temperature_c": -10.07},
        {"temperature_c": 125.0},
    ),
    "milesight_em300_th": (
        {"temperature_c": 0.0, "humidity_pct": 0.0},
        {"temperature_c": -12.3},
        {"humidity_pct": 100.0},
    ),
    "nke_th": ({"temperature_c": 0.0}, {"temperature_c": -0.01}, {"temperature_c": None, "humidity_pct": 0.0}),
    "ellenex_pls2_l": ({"level_mm": 0}, {"level_mm": -1192}, {"level_mm": 1}),
    "adeunis_ftd": (
        {"temperature_c": 0, "uplink_counter": 0, "downlink_counter": 0},
        {"temperature_c": -5, "rssi_dbm": -23, "snr_db": -7},
        {"temperature_c": None, "by_button": True},
    ),
    "axioma_w1": ({"last_volume_l": 0}, {}, {}),
    "abeeway_position": (
        {"latitude": -33.45, "longitude": -70.66},
        {"latitude": 0.0, "longitude": 0.0},
        {"latitude": 89.9, "longitude": 179.9},
    ),
    "abeeway_heartbeat": ({"reset_cause": 0, "temperature_c": -20.0}, {}, {}),
}
"""For each model readings at its boundaries; what is not named is measured."""
