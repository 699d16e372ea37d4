from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.simulator.payloads.abeeway_position import Readings, encode

HOME = Readings(latitude=48.9208064, longitude=2.3082752, horizontal_accuracy_m=8, temperature_c=25.3, battery_level=90)
STEP = 256e-7


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_position_is_within_half_a_step(latitude: float, longitude: float) -> None:
    payload = encode(dataclasses.replace(HOME, latitude=latitude, longitude=longitude))

    assert int.from_bytes(payload[6:9], "big", signed=True) * STEP == pytest.approx(latitude, abs=0.501 * STEP)
    assert int.from_bytes(payload[9:12], "big", signed=True) * STEP == pytest.approx(longitude, abs=0.501 * STEP)


def test_age_counts_eight_seconds_a_step() -> None:
    assert encode(dataclasses.replace(HOME, age_s=80))[5] == 10


@pytest.mark.parametrize(
    "change",
    [
        {"latitude": 90.1},
        {"longitude": -180.1},
        {"horizontal_accuracy_m": 1001},
        {"temperature_c": 86},
        {"battery_level": 256},
        {"age_s": -1},
        {"ack_token": 16},
    ],
    ids=lambda change: next(iter(change)),
)
def test_refusal_names_the_reading(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=rf"^{next(iter(change))}: "):
        encode(dataclasses.replace(HOME, **change))
