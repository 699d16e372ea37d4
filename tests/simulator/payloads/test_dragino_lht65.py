from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from uplab.simulator.payloads.dragino_lht65 import Readings, encode

READINGS = Readings(battery_v=3.0, battery_status=1, temperature_c=-5.25, humidity_pct=50.0)


def test_without_a_probe_it_says_so() -> None:
    assert encode(READINGS).hex() == "4bb8fdf301f4007fff7fff"


def test_cold_probe_is_sent_signed() -> None:
    assert encode(dataclasses.replace(READINGS, external_temperature_c=-0.01)).hex()[12:18] == "01ffff"


@pytest.mark.parametrize(
    "change",
    [
        {"battery_v": 16.384},
        {"battery_status": 4},
        {"temperature_c": 327.67},  # means that nothing was measured
        {"humidity_pct": 101},
        {"external_temperature_c": -328},
    ],
    ids=lambda change: next(iter(change)),
)
def test_refusal_names_the_reading(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=rf"^{next(iter(change))}: "):
        encode(dataclasses.replace(READINGS, **change))
