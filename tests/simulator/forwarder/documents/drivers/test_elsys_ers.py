"""What the driver of the Elsys ERS does beyond the public vector."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.forwarder.documents.drivers.asking import cfg, decoded, failure
from uplab.simulator.forwarder.documents.drivers import encode

ELSYS = ("elsys", "ers")


def test_below_zero_and_acceleration() -> None:
    payload = decoded(ELSYS, 5, "01ff9c 03ff01c0 070e2a".replace(" ", ""))

    assert payload == {"temperature": -10.0, "x": -1, "y": 1, "z": -64, "batteryVoltage": 3.626}


def test_unknown_type_is_named() -> None:
    assert failure(ELSYS, 5, "0100e2ee01") == "unknown sensor type 0xEE"


@pytest.mark.parametrize(
    ("payload", "f_port", "coded"),
    [
        ({"sendPeriod": 6}, 6, "3e051f00000006"),
    ],
)
def test_documented_downlink_is_encoded(payload: dict[str, Any], f_port: int, coded: str) -> None:
    assert encode(cfg(ELSYS), payload) == (f_port, bytes.fromhex(coded))
