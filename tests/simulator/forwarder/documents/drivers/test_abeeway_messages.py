"""Branches of Abeeway's messages that no public example has; those that one has are in test_vendor_examples.py."""

from __future__ import annotations

import pytest

from tests.simulator.forwarder.documents.drivers.asking import decoded, failure

ABEEWAY = ("abeeway", "tracker")


def test_messages_without_a_header_may_be_cut_off() -> None:
    assert failure(ABEEWAY, 18, "00") == "wrong payload length"
    assert failure(ABEEWAY, 18, "0d0000") == "wrong payload length"


@pytest.mark.parametrize(
    ("payload_hex", "name", "value"),
    [
        ("0a04538a000a12b5dffb", "geofencingNotification", {"geofencingFormat": 1, "geofencingType": "EXIT"}),
        ("0900f98600", "messageType", "SHUTDOWN"),
        ("0a00fe6c000502", "eventType", "TEMPERATURE_ALERT"),
    ],
)
def test_rare_forms_are_read(payload_hex: str, name: str, value: object) -> None:
    if payload_hex.endswith("02"):
        payload_hex += "876c00000001"
    assert decoded(ABEEWAY, 17, payload_hex)[name] == value


def test_scan_of_wifi_has_addresses() -> None:
    told = decoded(ABEEWAY, 18, "0b0164860141004830c66eaa1b1aec")["dataScanCollection"]

    assert (told["scanType"], told["fragmentIdentification"], told["again"]) == ("WIFI_BSSID", 1, False)
    assert told["macAddressData"] == [{"bssid": "c6:6e:aa:1b:1a:ec", "rssi": 48}]
