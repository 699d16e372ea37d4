from __future__ import annotations

import pytest

from uplab.simulator.payloads.abeeway import Mode, Status, header


@pytest.mark.parametrize(
    ("status", "byte"),
    [
        (Status(Mode.STAND_BY), 0x00),
        (Status(Mode.MOTION_TRACKING), 0x20),
        (Status(Mode.OFF), 0xA0),
        (Status(Mode.STAND_BY, sos=True), 0x10),
        (Status(Mode.STAND_BY, tracking=True), 0x08),
        (Status(Mode.STAND_BY, moving=True), 0x04),
        (Status(Mode.STAND_BY, periodic=True), 0x02),
        (Status(Mode.STAND_BY, on_demand=True), 0x01),
    ],
)
def test_status_is_a_byte_of_bits(status: Status, byte: int) -> None:
    assert header(3, status, battery=0, temperature_c=-44, ack_token=0, option=0) == bytes((3, byte, 0, 0, 0))


def test_token_and_option_share_a_byte() -> None:
    assert header(3, Status(), battery=1, temperature_c=85, ack_token=15, option=9).hex() == "032001fff9"


def test_token_has_four_bits() -> None:
    with pytest.raises(ValueError, match=r"^ack_token: 16, expected 0 to 15$"):
        header(3, Status(), battery=1, temperature_c=20, ack_token=16, option=0)
