from __future__ import annotations

from typing import Any

import pytest

from uplab.simulator.payloads.milesight_em300_th import Readings, encode


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        (Readings(), ""),
        (Readings(battery_pct=100), "017564"),
        (Readings(temperature_c=-12.3), "036785ff"),
        (Readings(humidity_pct=30.2), "04683c"),
        (Readings(humidity_pct=99.5, temperature_c=25), "0367fa000468c7"),
    ],
)
def test_present_readings_are_sent_in_order(readings: Readings, expected: str) -> None:
    assert encode(readings).hex() == expected


@pytest.mark.parametrize(
    "readings", [{"battery_pct": 101}, {"temperature_c": 4000}, {"humidity_pct": 100.5}], ids=lambda r: next(iter(r))
)
def test_refusal_names_the_reading(readings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=rf"^{next(iter(readings))}: "):
        encode(Readings(**readings))
