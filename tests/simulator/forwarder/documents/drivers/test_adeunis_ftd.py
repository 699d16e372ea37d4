"""What the driver of the Adeunis Field Test Device does beyond the public vector."""

from __future__ import annotations

import pytest

from tests.simulator.forwarder.documents.drivers.asking import decoded, failure

ADEUNIS = ("adeunis", "ftd")


def test_south_and_west_are_negative() -> None:
    payload = decoded(ADEUNIS, 1, "1033512341" + "15112341" + "27")

    assert payload["latitude"] == pytest.approx(-(33 + 51.234 / 60), abs=1e-7)
    assert payload["longitude"] == pytest.approx(-(151 + 12.34 / 60), abs=1e-7)
    assert (payload["gpsQuality"], payload["gpsSatellites"]) == (2, 7)


@pytest.mark.parametrize("coordinate", ["5a051230", "51600000", "91000000"])
def test_impossible_coordinate_is_refused(coordinate: str) -> None:
    assert failure(ADEUNIS, 1, "10" + coordinate + "0000598017") == "invalid coordinate"


def test_fields_follow_the_flags() -> None:
    assert decoded(ADEUNIS, 1, "a2f60fa0") == {"temperature": -10, "trigger": "pushButton", "batteryVoltage": 4.0}
