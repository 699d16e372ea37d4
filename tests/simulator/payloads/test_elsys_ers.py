from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.simulator.payloads.elsys_ers import Readings, encode


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        (Readings(), ""),
        (Readings(temperature_c=-0.1), "01ffff"),
        (Readings(temperature_c=22.64), "0100e2"),
        (Readings(humidity_pct=40.6), "0229"),
        (Readings(light_lx=65_535), "04ffff"),
        (Readings(motion=0), "0500"),
        (Readings(battery_mv=3600), "070e10"),
        (Readings(battery_mv=3600, temperature_c=22.6), "0100e2070e10"),
    ],
)
def test_present_readings_are_sent_in_order(readings: Readings, expected: str) -> None:
    assert encode(readings).hex() == expected


@given(st.floats(-3276.8, 3276.7))
def test_temperature_is_within_half_a_step(temperature_c: float) -> None:
    sent = int.from_bytes(encode(Readings(temperature_c=temperature_c))[1:], "big", signed=True) / 10

    assert sent == pytest.approx(temperature_c, abs=0.0501)


@pytest.mark.parametrize(
    ("readings", "field"),
    [
        ({"temperature_c": 3276.8}, "temperature_c"),
        ({"temperature_c": float("nan")}, "temperature_c"),
        ({"humidity_pct": 100.1}, "humidity_pct"),
        ({"humidity_pct": -1}, "humidity_pct"),
        ({"light_lx": 65_536}, "light_lx"),
        ({"motion": 256}, "motion"),
        ({"battery_mv": -1}, "battery_mv"),
    ],
)
def test_refusal_names_the_reading(readings: dict[str, Any], field: str) -> None:
    with pytest.raises(ValueError, match=rf"^{field}: "):
        encode(Readings(**readings))
