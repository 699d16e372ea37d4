from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from uplab.simulator.payloads.abeeway_heartbeat import Readings, encode

HEARTBEAT = Readings(battery_voltage_v=3.846, temperature_c=24.8, firmware_version=(1, 8, 201))


@pytest.mark.parametrize(("voltage_v", "byte"), [(None, 0), (2.8, 1), (3.846, 190), (3.85, 191), (4.2, 254)])
def test_voltage_is_a_byte_and_charging_is_zero(voltage_v: float | None, byte: int) -> None:
    assert encode(dataclasses.replace(HEARTBEAT, battery_voltage_v=voltage_v))[2] == byte


def test_both_steps_around_a_voltage_show_as_that_voltage() -> None:
    # The decoder rounds to a hundredth of a volt, which is coarser than the byte.
    assert [round((byte - 1) * 1.4 / 253 + 2.8, 2) for byte in (190, 191)] == [3.85, 3.85]


def test_versions_end_the_payload() -> None:
    payload = encode(dataclasses.replace(HEARTBEAT, ble_firmware_version=(3, 2, 1)))

    assert payload[6:].hex() == "0108c9030201"


@pytest.mark.parametrize(
    "change",
    [
        {"battery_voltage_v": 4.3},
        {"temperature_c": -45},
        {"firmware_version": (1, 256, 0)},
        {"ble_firmware_version": (-1, 0, 0)},
        {"reset_cause": 256},
    ],
    ids=lambda change: next(iter(change)),
)
def test_refusal_names_the_reading(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=rf"^{next(iter(change))}: "):
        encode(dataclasses.replace(HEARTBEAT, **change))
