"""What the driver of the Elsys ERS does beyond the public vector."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.forwarder.documents.drivers.asking import cfg, decoded, failure
from uplab.fakes.widgelix.elsys import decode as widgelix
from uplab.simulator.forwarder.documents.drivers import decode, encode

ELSYS = ("elsys", "ers")


def test_below_zero_and_acceleration() -> None:
    payload = decoded(ELSYS, 5, "01ff9c 03ff01c0 070e2a".replace(" ", ""))

    assert payload == {"temperature": -10.0, "x": -1, "y": 1, "z": -64, "vdd": 3626}


def test_unknown_type_is_named() -> None:
    assert failure(ELSYS, 5, "ee01") == "unknown sensor type 0xEE"


def test_unknown_type_costs_only_what_follows_it() -> None:
    answer = decode(cfg(ELSYS), 5, bytes.fromhex("0100e2ee01"))

    assert answer.payload == {"temperature": 22.6}
    assert answer.error == {"code": "com-5002", "message": "driver internal error: Error: unknown sensor type 0xEE"}
    assert answer.driver_id == "elsys:ers:1"


def test_settings_after_a_start_end_the_values() -> None:
    assert decoded(ELSYS, 5, "0100e23e0601020304") == {"temperature": 22.6, "settings": "0601020304"}


# What both the driver and the fake Widgelix have a name for; Widgelix calls the battery so.
BOTH = {"vdd": "battery", "externalTemperature": "external_temperature"}


@pytest.mark.parametrize(
    "payload_hex",
    ["0100ee02240400000500070e090800ff0b0000000a", "0100e2022904002705060e0001", "1900c80229", "0c00c83e0601020304"],
)
def test_driver_and_the_fake_widgelix_agree(payload_hex: str) -> None:
    payload = decoded(ELSYS, 5, payload_hex)
    shown = widgelix(bytes.fromhex(payload_hex))

    told = {BOTH.get(name, name): value for name, value in payload.items()}
    assert shown.items() <= told.items()


def test_several_outer_probes_are_a_list() -> None:
    assert decoded(ELSYS, 5, "1900c8") == {"externalTemperature2": 20.0}
    assert decoded(ELSYS, 5, "1900c81900d2") == {"externalTemperature2": [20.0, 21.0]}


@pytest.mark.parametrize(
    ("payload", "f_port", "coded"),
    [
        ({"sendPeriod": 6}, 6, "3e051f00000006"),
    ],
)
def test_documented_downlink_is_encoded(payload: dict[str, Any], f_port: int, coded: str) -> None:
    assert encode(cfg(ELSYS), payload) == (f_port, bytes.fromhex(coded))
