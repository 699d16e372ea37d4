"""What the driver of the Dragino LHT65 does beyond the public vector."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.forwarder.documents.drivers.asking import cfg, decoded
from uplab.simulator.forwarder.documents.drivers import DriverError, encode

DRAGINO = ("dragino", "lht65")


@pytest.mark.parametrize(
    ("extension", "expected"),
    [
        ("00ffffffff", {}),
        ("017fffffff", {}),
        ("01ff9cffff", {"externalTemperature": -1.0}),
        ("050190ffff", {"externalLight": 400}),
        ("0604d2ffff", {"externalVoltage": 1.234}),
        ("070010ffff", {"externalCount": 16}),
        ("0800010000", {"externalCount": 65536}),
    ],
)
def test_external_sensor_is_read_by_kind(extension: str, expected: dict[str, Any]) -> None:
    payload = decoded(DRAGINO, 2, "cbf6ff9c0376" + extension)

    assert payload["temperature"] == -1.0
    assert {k: v for k, v in payload.items() if k.startswith("external") and k != "externalSensor"} == expected


@pytest.mark.parametrize(
    ("payload", "f_port", "coded"),
    [
        ({"transmitInterval": 60}, 2, "0100003c"),
        ({"reset": True}, 2, "04ff"),
    ],
)
def test_documented_downlink_is_encoded(payload: dict[str, Any], f_port: int, coded: str) -> None:
    assert encode(cfg(DRAGINO), payload) == (f_port, bytes.fromhex(coded))


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"reset": False}, "reset must be true"),
        ({"reset": 1}, "reset must be true or false, not 1"),
    ],
)
def test_downlink_outside_its_range_is_refused(payload: dict[str, Any], message: str) -> None:
    with pytest.raises(DriverError) as caught:
        encode(cfg(DRAGINO), payload)

    assert str(caught.value).startswith(message)
