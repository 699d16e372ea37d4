from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from uplab.simulator.payloads.axioma_w1 import HOURS, Readings, encode

# The second example of the ThingPark driver catalogue, axioma/w1.
SECOND = Readings(
    last_log_epoch_s=1_625_806_287,
    last_volume_l=103_736,
    first_log_epoch_s=1_625_749_200,
    first_log_volume_l=103_445,
    deltas_l=(4, 15, 11, 32, 5, 29, 84, 45, 15, 10, 10, 0, 3, 3, 9),
)


def test_second_vendor_example_is_made_again() -> None:
    assert encode(SECOND).hex() == (
        "cfd5e7600038950100d0f6e6601594010004000f000b00200005001d0054002d000f000a000a000000030003000900"
    )


def test_status_is_its_own_byte() -> None:
    assert encode(dataclasses.replace(SECOND, status=0x34))[4] == 0x34


@pytest.mark.parametrize("count", [0, HOURS - 1, HOURS + 1])
def test_a_payload_has_fifteen_hours(count: int) -> None:
    with pytest.raises(ValueError, match=rf"^deltas_l: {count} values, expected 15$"):
        encode(dataclasses.replace(SECOND, deltas_l=(0,) * count))


@pytest.mark.parametrize(
    "change",
    [
        {"last_log_epoch_s": 1 << 32},
        {"last_volume_l": -1},
        {"first_log_epoch_s": -1},
        {"first_log_volume_l": 1 << 32},
        {"deltas_l": (65_536,) * HOURS},
        {"status": 256},
    ],
    ids=lambda change: next(iter(change)),
)
def test_refusal_names_the_reading(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=rf"^{next(iter(change))}: "):
        encode(dataclasses.replace(SECOND, **change))
