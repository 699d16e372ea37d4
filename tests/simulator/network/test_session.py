from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.simulator.lorawan.frame import SessionKeys
from uplab.simulator.lorawan.ids import DevAddr, JoinEUI, Key
from uplab.simulator.network.documents import Account, Context
from uplab.simulator.network.session import KnownDevice, NetworkSession, next_f_cnt

KEY = Key(bytes(16))


def make_session() -> NetworkSession:
    device = KnownDevice(JoinEUI("02" * 8), KEY, Context("02" * 8, "000000CB", Account(), {}))
    return NetworkSession(device, DevAddr("04000001"), SessionKeys(KEY, KEY), 14.0)


@pytest.mark.parametrize(
    ("low16", "last", "expected"),
    [
        (0, None, 0),
        (16_384, None, 16_384),
        (16_385, None, "f_cnt_gap"),
        (5, 4, 5),
        (4, 4, 4),
        (3, 4, "replay"),
        (0, 0xFFFF, 0x10000),
        (0xFFFF, 0x10000, "replay"),
        (16_388, 4, 16_388),
        (16_389, 4, "f_cnt_gap"),
        (0xFFFF, 4, "replay"),
        (4 + 0x8000, 4, "f_cnt_gap"),
    ],
)
def test_received_bits_are_a_counter_or_a_reason(low16: int, last: int | None, expected: int | str) -> None:
    assert next_f_cnt(low16, last) == expected


@given(st.integers(min_value=0, max_value=0xFFFF_0000), st.integers(min_value=0, max_value=16_384))
def test_every_step_within_the_gap_is_found_again(last: int, step: int) -> None:
    assert next_f_cnt((last + step) & 0xFFFF, last) == last + step


def test_nothing_lost_is_no_error_rate() -> None:
    session = make_session()
    for f_cnt in range(3):
        session.count(f_cnt, b"phy")

    assert (session.instant_per, session.mean_per) == (0.0, 0.0)
    assert (session.f_cnt_up, session.phy) == (2, b"phy")


@pytest.mark.parametrize(
    ("counters", "instant", "mean"),
    [
        ([0, 1, 3], 0.25, 0.25),
        ([1], 0.5, 0.5),
        ([0, *range(2, 51)], 0.0, 0.019608),  # the loss is older than 32 uplinks
        ([0, 100], 0.96875, 0.980198),
    ],
)
def test_lost_uplinks_make_error_rates(counters: list[int], instant: float, mean: float) -> None:
    session = make_session()
    for f_cnt in counters:
        session.count(f_cnt, b"")

    assert (session.instant_per, session.mean_per) == (instant, mean)
