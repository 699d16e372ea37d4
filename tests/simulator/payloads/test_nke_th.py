from __future__ import annotations

import pytest

from uplab.simulator.payloads.nke_th import Readings, encode


def test_humidity_equals_the_vendors_example() -> None:
    # TheThingsNetwork/lorawan-devices, vendor/nke-watteco/th-sensor-codec.yaml
    assert encode(Readings(humidity_pct=42.34)).hex() == "110a0405000021108a"


def test_plain_report_carries_no_alarm() -> None:
    assert encode(Readings(temperature_c=-1)).hex() == "110a0402000029ff9c"


@pytest.mark.parametrize("readings", [Readings(), Readings(temperature_c=20, humidity_pct=40)], ids=["none", "both"])
def test_one_payload_reports_one_thing(readings: Readings) -> None:
    with pytest.raises(ValueError, match=r"^temperature_c, humidity_pct: expected exactly one of them$"):
        encode(readings)


@pytest.mark.parametrize(
    ("readings", "field"),
    [(Readings(temperature_c=330), "temperature_c"), (Readings(humidity_pct=101), "humidity_pct")],
    ids=["temperature", "humidity"],
)
def test_refusal_names_the_reading(readings: Readings, field: str) -> None:
    with pytest.raises(ValueError, match=rf"^{field}: "):
        encode(readings)
