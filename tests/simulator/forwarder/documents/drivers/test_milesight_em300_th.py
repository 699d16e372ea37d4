"""What the driver of the Milesight EM300-TH does beyond the public vector."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.forwarder.documents.drivers.asking import cfg, decoded, failure
from uplab.simulator.forwarder.documents.drivers import DriverError, encode

MILESIGHT = ("milesight", "em300-th")


def test_below_zero_and_history() -> None:
    payload = decoded(MILESIGHT, 85, "03679cff" + "20cebfc7e760c80050")

    assert payload == {
        "temperature": -10.0,
        "history": [{"time": "2021-07-09T03:51:27Z", "temperature": 20.0, "humidity": 40.0}],
    }


def test_join_report_is_decoded() -> None:
    assert decoded(MILESIGHT, 85, "ff0bffff0101ff166723b29607820017")["serialNumber"] == "6723b29607820017"


def test_unknown_channel_is_named() -> None:
    assert failure(MILESIGHT, 85, "077301") == "unknown channel 07 73"


@pytest.mark.parametrize(
    ("payload", "f_port", "coded"),
    [
        ({"reportInterval": 1200}, 85, "ff03b004"),
        ({"reboot": True}, 85, "ff10ff"),
    ],
)
def test_documented_downlink_is_encoded(payload: dict[str, Any], f_port: int, coded: str) -> None:
    assert encode(cfg(MILESIGHT), payload) == (f_port, bytes.fromhex(coded))


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"reportInterval": 59}, "reportInterval must be a whole number from 60 to 64800, not 59"),
        ({"reboot": False}, "reboot must be true"),
    ],
)
def test_downlink_outside_its_range_is_refused(payload: dict[str, Any], message: str) -> None:
    with pytest.raises(DriverError) as caught:
        encode(cfg(MILESIGHT), payload)

    assert str(caught.value).startswith(message)
