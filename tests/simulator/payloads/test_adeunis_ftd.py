from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.simulator.payloads.adeunis_ftd import Position, Readings, encode


def degrees(digits: str, whole: int) -> float:
    """Read degrees back from the digits, as the device's user guide describes them."""
    minutes = float(f"{digits[whole : whole + 2]}.{digits[whole + 2 : -1]}")
    value = int(digits[:whole]) + minutes / 60
    return -value if digits[-1] == "1" else value


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_position_is_within_half_a_step(latitude: float, longitude: float) -> None:
    digits = encode(Readings(position=Position(latitude, longitude, 1, 7))).hex()[2:18]

    assert digits.isdecimal()
    assert degrees(digits[:8], 2) == pytest.approx(latitude, abs=0.501 / 60_000)
    assert degrees(digits[8:], 3) == pytest.approx(longitude, abs=0.501 / 6_000)


def test_sixty_minutes_are_a_degree() -> None:
    assert encode(Readings(position=Position(-51.999999, -9.99999, 3, 0))).hex() == "10520000010100000130"


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        (Readings(), "00"),
        (Readings(by_accelerometer=True), "40"),
        (Readings(by_button=True, temperature_c=-5), "a0fb"),
        (Readings(uplink_counter=256), "0800"),
        (Readings(downlink_counter=511), "04ff"),
        (Readings(battery_mv=4191), "02105f"),
        (Readings(rssi_dbm=-120, snr_db=-12), "0178f4"),
    ],
)
def test_status_says_what_follows(readings: Readings, expected: str) -> None:
    assert encode(readings).hex() == expected


@pytest.mark.parametrize("readings", [Readings(rssi_dbm=-100), Readings(snr_db=5)], ids=["rssi", "snr"])
def test_reception_comes_in_a_pair(readings: Readings) -> None:
    with pytest.raises(ValueError, match=r"^rssi_dbm, snr_db: expected both or none$"):
        encode(readings)


@pytest.mark.parametrize(
    ("readings", "field"),
    [
        ({"temperature_c": 128}, "temperature_c"),
        ({"position": Position(90.1, 0, 1, 7)}, "latitude"),
        ({"position": Position(0, -180.1, 1, 7)}, "longitude"),
        ({"position": Position(0, 0, 16, 7)}, "quality"),
        ({"position": Position(0, 0, 1, 16)}, "satellites"),
        ({"uplink_counter": -1}, "uplink_counter"),
        ({"downlink_counter": -1}, "downlink_counter"),
        ({"battery_mv": 65_536}, "battery_mv"),
        ({"rssi_dbm": 1, "snr_db": 0}, "rssi_dbm"),
        ({"rssi_dbm": -1, "snr_db": 128}, "snr_db"),
    ],
)
def test_refusal_names_the_reading(readings: dict[str, Any], field: str) -> None:
    with pytest.raises(ValueError, match=rf"^{field}: "):
        encode(Readings(**readings))
