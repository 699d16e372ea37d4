from __future__ import annotations

import pytest

from uplab.simulator.radio.gateway import Gateway, Reception, degrees
from uplab.simulator.radio.radio import Signal


def make_gateway() -> Gateway:
    return Gateway("10000033", (0.0, 0.0), latitude=48.919655, longitude=2.180129)


def heard(number: int) -> Reception:
    return Reception("10000033", bytes([number]), Signal(-46.0, 10.75, -46.350853), 0, 5, float(number))


def test_kept_receptions_come_out_late_and_in_order() -> None:
    gateway = make_gateway()
    gateway.keep(heard(1))
    gateway.keep(heard(2))

    released = gateway.release()

    assert [(one.phy, one.time_s, one.late) for one in released] == [(b"\x01", 1.0, True), (b"\x02", 2.0, True)]
    assert gateway.release() == []


def test_memory_is_bounded_and_loses_the_oldest() -> None:
    gateway = make_gateway()
    for number in range(10_001):
        gateway.keep(heard(number % 256))

    released = gateway.release()

    assert len(released) == 10_000
    assert released[0].phy == b"\x01"


@pytest.mark.parametrize("lrr_id", ["1000003", "100000334", "1000003G", "1000003a"])
def test_a_wrong_id_is_named(lrr_id: str) -> None:
    with pytest.raises(ValueError, match="lrr_id: expected 8 upper-case hexadecimal digits"):
        Gateway(lrr_id, (0.0, 0.0), latitude=0.0, longitude=0.0)


def test_metres_become_degrees() -> None:
    latitude, longitude = degrees((60.0, 10.0), (1113.2, 1113.2))

    assert latitude == pytest.approx(60.01)
    assert longitude == pytest.approx(10.02)  # a degree of longitude is half as wide at 60 degrees north
