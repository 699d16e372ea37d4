"""What the driver of the Milesight EM300-TH does beyond the public vector."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.forwarder.documents.drivers.asking import cfg, decoded, failure
from uplab.simulator.forwarder.documents.drivers import DriverError, decode, encode

MILESIGHT = ("msight", "em300-th")


def test_below_zero_and_history() -> None:
    payload = decoded(MILESIGHT, 85, "03679cff" + "20cebfc7e760c8005000")

    assert payload == {
        "temperature": -10.0,
        "history": [{"timestamp": 1625802687, "temperature": 20.0, "humidity": 40.0}],
    }


def test_join_report_is_decoded() -> None:
    assert decoded(MILESIGHT, 85, "ff0bffff0101ff166723b29607820017fffeff") == {
        "device_status": "on",
        "ipso_version": "v0.1",
        "sn": "6723b29607820017",
        "reset_event": "reset",
    }


def test_answer_to_a_downlink_costs_no_value() -> None:
    assert decoded(MILESIGHT, 85, "017564fe0358020367100104686eff10ff") == {
        "battery": 100,
        "report_interval": 600,
        "temperature": 27.2,
        "humidity": 55.0,
        "reboot": "yes",
    }


def test_settings_that_are_told_are_named() -> None:
    alarm = {"condition": "above", "threshold_min": -10.0, "threshold_max": 30.0}
    shift = {"enable": "enable", "calibration_value": 0.5}

    assert decoded(MILESIGHT, 85, "fe060a9cff2c0100000000" + "ffea800500" + "fe6a003c00") == {
        "temperature_alarm_config": alarm,
        "temperature_calibration_settings": shift,
        "retransmit_interval": 60,
    }


def test_unknown_channel_is_named() -> None:
    assert failure(MILESIGHT, 85, "077301") == "unknown channel 07 73"


def test_unknown_channel_costs_only_what_follows_it() -> None:
    answer = decode(cfg(MILESIGHT), 85, bytes.fromhex("017564077301"))

    assert answer.payload == {"battery": 100}
    assert answer.error is not None
    assert answer.error["message"].endswith("unknown channel 07 73")


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
