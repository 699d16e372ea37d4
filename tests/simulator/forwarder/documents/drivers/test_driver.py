"""Reading a payload from left to right."""

from __future__ import annotations

import pytest

from uplab.simulator.forwarder.documents.drivers.driver import DriverError, Reader


def test_numbers_are_read_in_both_byte_orders() -> None:
    reader = Reader(bytes.fromhex("0102 fffe 0102 feff"))

    assert [reader.unsigned(2), reader.signed(2), reader.unsigned_le(2), reader.signed_le(2)] == [258, -2, 513, -2]
    assert len(reader) == 0


def test_reading_beyond_the_end_is_refused() -> None:
    reader = Reader(b"\x01")

    with pytest.raises(DriverError, match=r"^wrong payload length$"):
        reader.take(2)

    assert reader.take(1) == b"\x01"
