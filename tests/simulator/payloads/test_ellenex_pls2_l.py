from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from uplab.simulator.payloads.ellenex_pls2_l import Readings, encode

# The second example of the ThingPark driver catalogue, Ellenex/pls2-l.
SECOND = Readings(level_mm=214, battery_v=3.4)


def test_second_vendor_example_is_made_again() -> None:
    assert encode(SECOND).hex() == "01e80000d6000022"


def test_what_the_driver_ignores_is_sent() -> None:
    assert encode(dataclasses.replace(SECOND, board_serial=0xABCD, temperature_raw=-2)).hex() == "abcd0000d6fffe22"


@pytest.mark.parametrize(
    "change",
    [{"level_mm": 32_768}, {"battery_v": 25.6}, {"board_serial": -1}, {"temperature_raw": 40_000}],
    ids=lambda change: next(iter(change)),
)
def test_refusal_names_the_reading(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=rf"^{next(iter(change))}: "):
        encode(dataclasses.replace(SECOND, **change))
