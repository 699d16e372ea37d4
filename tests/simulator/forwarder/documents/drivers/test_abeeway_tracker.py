"""What the driver of the Abeeway trackers does beyond the public vector."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.forwarder.documents.drivers.asking import cfg, decoded, failure
from uplab.simulator.forwarder.documents.drivers import DriverError, decode, encode

ABEEWAY = ("abeeway", "tracker")


def test_heartbeat_has_the_fields_of_the_documented_example() -> None:
    payload = decoded(ABEEWAY, 17, "0520be8800400108c9000000")

    assert payload == {
        "messageType": "HEARTBEAT",
        "mode": "MOTION_TRACKING",
        "batteryVoltage": 3.85,
        "ackToken": 0,
        "firmwareVersion": "1.8.201",
        "bleFwVersion": "0.0.0",
        "resetCause": 64,
        "periodicPosition": False,
        "temperature": 24.8,
        "userAction": 0,
        "appState": 0,
        "moving": False,
        "onDemand": False,
    }


def test_status_bits_are_told_apart() -> None:
    payload = decoded(ABEEWAY, 18, "0395c18932")

    assert payload["mode"] == "ACTIVITY_TRACKING"
    assert [payload[key] for key in ("userAction", "appState", "moving", "periodicPosition", "onDemand")] == [
        1,
        0,
        True,
        False,
        True,
    ]
    assert payload["ackToken"] == 3


def test_position_in_the_south_west_is_negative() -> None:
    payload = decoded(ABEEWAY, 18, "032ac1890001ffffff80000000")

    assert payload["latitude"] == -0.0000256
    assert payload["longitude"] == -214.7483648
    assert payload["age"] == 8


def test_position_without_a_fix_has_no_coordinates() -> None:
    payload = decoded(ABEEWAY, 18, "032ac189010000000000")

    assert payload["rawPositionType"] == "GPS_TIMEOUT"
    assert "latitude" not in payload


def test_other_messages_are_refused_by_type() -> None:
    assert failure(ABEEWAY, 18, "1120be880040") == "unsupported message type 17"


UNREAD = {
    "0a00f98600": "EVENT",  # cut off before the event
    "0a00f986000b": "EVENT",
    "0a00f9860009": "EVENT",
    "0700f9860006": "MISC_DATA",
    "0700f986000265000000037c00000001": "CONFIGURATION",
    "0900f9860009": "SHUTDOWN",
    "0c00f9860001": "PROXIMITY_DETECTION",
    "0f00f98605": "DEBUG",
    "0400f98600000034": "ENERGY_STATUS",
    "0300f9860f": "POSITION_MESSAGE",
    "0358f28e790ee0b9e5b0b383b9b2ce": "POSITION_MESSAGE",
}


@pytest.mark.parametrize("payload_hex", UNREAD)
def test_what_cannot_be_read_of_a_message_costs_only_that(payload_hex: str) -> None:
    answer = decode(cfg(ABEEWAY), 17, bytes.fromhex(payload_hex))

    assert answer.payload is not None
    assert (answer.payload["messageType"], "temperature" in answer.payload) == (UNREAD[payload_hex], True)
    assert answer.error is not None
    if payload_hex.startswith("07"):
        assert answer.payload.get("deviceConfiguration", {}).get("defaultProfile") in (None, "INTENSIVE")
    if payload_hex.startswith("0358"):
        assert answer.payload["wifiBssids"] == [{"bssid": "e0:b9:e5:b0:b3:83", "rssi": -71}]


EXTENDED = [
    ("0e2a4c80a000cd0313727a7ece2bb6d2003a1b00000003", {"gpsAltitude": 58, "age": 205, "gpsSpeedOverGround": 3}),
    ("0e48008e07010201020304050601", {"bleBssids": [{"bssid": "01:02:03:04:05:06", "rssi": 1}], "age": 258}),
    ("0e4800990a0299990000000403c0", {"bleBeaconIds": [{"beaconId": "99-00-00-00-04-03", "rssi": -64}], "age": 665}),
    ("0e48008e08102000", {"rawPositionType": "BLE_BEACON_FAILURE", "age": 4128}),
]


@pytest.mark.parametrize(("payload_hex", "expected"), EXTENDED, ids=[one[0][:14] for one in EXTENDED])
def test_extended_position_of_each_kind_is_read(payload_hex: str, expected: dict[str, Any]) -> None:
    payload = decoded(ABEEWAY, 18, payload_hex)

    assert {name: payload.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("payload", "f_port", "coded"),
    [
        ({"downMessageType": "POS_ON_DEMAND", "ackToken": 1}, 2, "0101"),
        ({"downMessageType": "STOP_SOS"}, 2, "0500"),
    ],
)
def test_documented_downlink_is_encoded(payload: dict[str, Any], f_port: int, coded: str) -> None:
    assert encode(cfg(ABEEWAY), payload) == (f_port, bytes.fromhex(coded))


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"downMessageType": "DANCE"}, "downMessageType must be one of POS_ON_DEMAND, START_SOS, STOP_SOS"),
        ({"downMessageType": "STOP_SOS", "ackToken": 16}, "ackToken must be a whole number from 0 to 15"),
    ],
)
def test_downlink_outside_its_range_is_refused(payload: dict[str, Any], message: str) -> None:
    with pytest.raises(DriverError) as caught:
        encode(cfg(ABEEWAY), payload)

    assert str(caught.value).startswith(message)


def test_battery_is_a_voltage_or_a_level_by_firmware() -> None:
    first, second = decoded(ABEEWAY, 17, "0320c1890201"), decoded(ABEEWAY, 18, "032061890201")

    assert (first["batteryVoltage"], second["batteryLevel"]) == (3.86, 97)
    assert "batteryVoltage" not in decoded(ABEEWAY, 17, "032000890201")
    assert "batteryVoltage" not in second
