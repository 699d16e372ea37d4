"""What no public example of Abeeway's third generation has; those that one has are in test_vendor_examples.py."""

from __future__ import annotations

import pytest

from uplab.simulator.forwarder.documents.drivers import decode

CFG = {"app": {"pId": "abeeway", "mId": "asset-tracker-3", "ver": "1"}}
NOON_S = 1717675200.0  # 2024-06-06T12:00:00Z
SOS = "0964{:04x}10"


@pytest.mark.parametrize(
    ("seconds", "after_s", "moment"),
    [
        (10, 20, "2024-06-06T12:00:10.000Z"),
        (43190, 20, "2024-06-06T11:59:50.000Z"),  # before noon, heard after it
        (60, 10, "2024-06-06T12:01:00.000Z"),  # its clock is a little fast
        (3700, 10, "2024-06-06T01:01:40.000Z"),  # too fast: it was kept for half a day
        (0xFFFF, 10, "2024-06-06T12:00:10.000Z"),  # its clock is not set
    ],
)
def test_moment_is_that_of_the_half_day_before_its_reception(seconds: int, after_s: float, moment: str) -> None:
    answer = decode(CFG, 19, bytes.fromhex(SOS.format(seconds)), NOON_S + after_s)

    assert answer.payload is not None
    assert answer.payload["header"]["timestamp"] == moment
    assert answer.driver_id == "abeeway:asset-tracker-3:3"


def test_without_a_time_of_reception_the_seconds_stay() -> None:
    answer = decode(CFG, 19, bytes.fromhex(SOS.format(10)))

    assert answer.payload is not None
    assert answer.payload["header"]["halfDaySeconds"] == 10
    assert answer.payload["notification"] == {"notificationClass": "SOS", "notificationType": "SOS_ON"}


@pytest.mark.parametrize(
    ("payload_hex", "words"),
    [
        ("20640000", "messages of type RESPONSE are not read"),
        ("28640000", "messages of type TELEMETRY are not read"),
        ("08640000ff", "notifications of class 15 are not read"),
        ("0864000012", "notification type 2 of class 1 is unknown"),
        ("0864000000", "system notifications of this type are not read"),
        ("106400000f000000", "position type 15 is unknown"),
        ("106400000a00000019ff3ff2", "wrong payload length"),
        ("90640000", "wrong payload length"),
    ],
)
def test_what_cannot_be_read_costs_that_part_alone(payload_hex: str, words: str) -> None:
    answer = decode(CFG, 19, bytes.fromhex(payload_hex), NOON_S)

    assert answer.payload is not None
    assert answer.payload["header"]["batteryLevel"] == 100
    assert answer.error is not None
    assert words in answer.error["message"]


def test_frame_that_is_shorter_than_its_header_is_an_error() -> None:
    answer = decode(CFG, 19, b"\x08\x64\x00", NOON_S)

    assert (answer.payload, answer.error is not None) == (None, True)


def test_far_error_of_a_position_is_told_as_a_range() -> None:
    fix = "106400000a000000" + "0000000000000000" + "0000" + "0000" + "0000" + "fb" + "20"

    answer = decode(CFG, 19, bytes.fromhex(fix), NOON_S)

    assert answer.payload is not None
    assert answer.payload["position"]["gnssFix"]["EHPE"] == "(250,500]"
