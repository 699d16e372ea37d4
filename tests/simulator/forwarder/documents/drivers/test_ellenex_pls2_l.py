"""What the driver of the Ellenex PLS2-L does beyond the public vector."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.forwarder.documents.drivers.asking import cfg, decoded
from uplab.simulator.forwarder.documents.drivers import DriverError, encode

ELLENEX = ("ellenex", "pls2-l")


def test_positive_level_is_decoded() -> None:
    assert decoded(ELLENEX, 1, "01e80000d6000022") == {"level": 214, "batteryVoltage": 3.4}


@pytest.mark.parametrize(
    ("payload", "f_port", "coded"),
    [
        ({"command": 1, "unit": "minute", "time": 180}, 5, "100100b4"),
        ({"command": 1, "unit": "second", "time": 180}, 5, "100000b4"),
        ({"command": 2, "confirmation": True}, 5, "0701"),
        ({"command": 2, "confirmation": False}, 5, "0700"),
        ({"command": 3, "reset": True}, 5, "ff00"),
        ({"command": 4, "count": 3000}, 5, "160bb8"),
        ({"command": 4, "count": 0}, 5, "160000"),
    ],
)
def test_documented_downlink_is_encoded(payload: dict[str, Any], f_port: int, coded: str) -> None:
    assert encode(cfg(ELLENEX), payload) == (f_port, bytes.fromhex(coded))


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"command": 5}, "command must be a whole number from 1 to 4, not 5"),
        ({"command": 1, "unit": "hour", "time": 3}, "unit must be one of second, minute, not 'hour'"),
        ({"command": 1, "unit": "second", "time": 59}, "time must be a whole number from 60 to 65535, not 59"),
        ({"command": 3, "reset": False}, "reset must be true"),
    ],
)
def test_downlink_outside_its_range_is_refused(payload: dict[str, Any], message: str) -> None:
    with pytest.raises(DriverError) as caught:
        encode(cfg(ELLENEX), payload)

    assert str(caught.value).startswith(message)
