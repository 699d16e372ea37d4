from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.simulator.lorawan.airtime import airtime_ms, off_time_ms

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "airtime.json").read_text(encoding="utf-8")
)["airtime"]
SF = st.integers(7, 12)
SIZE = st.integers(0, 255)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{v['phy_bytes']} bytes SF{v['sf']}")
def test_published_times_are_met_exactly(vector: dict[str, Any]) -> None:
    assert airtime_ms(vector["phy_bytes"], vector["sf"], vector["bandwidth_hz"]) == vector["airtime_ms"]


def test_thingpark_join_request_takes_its_published_time() -> None:
    assert round(airtime_ms(23, 12) / 1000, 6) == 1.482752


# Worked by hand from the formula: SF7 at 500 kHz has symbols of 0.256 ms; 12.25 of preamble, 8 and 7 blocks of 5.
def test_wider_channel_is_faster() -> None:
    assert airtime_ms(23, 7, 500_000) == pytest.approx((12.25 + 8 + 40) * 0.256)
    assert airtime_ms(23, 7, 500_000) * 4 == airtime_ms(23, 7, 125_000)


def test_slow_symbols_are_optimised_at_any_bandwidth() -> None:
    # SF12 at 250 kHz has symbols of 16.384 ms, at 500 kHz of 8.192 ms: 10 and 12 bits each
    assert airtime_ms(23, 12, 250_000) == pytest.approx((12.25 + 8 + 5 * 5) * 16.384)
    assert airtime_ms(23, 12, 500_000) == pytest.approx((12.25 + 8 + 5 * 4) * 8.192)


@given(SIZE, SF)
def test_downlink_without_crc_is_never_longer(phy_bytes: int, sf: int) -> None:
    assert airtime_ms(phy_bytes, sf, crc=False) <= airtime_ms(phy_bytes, sf)


@given(SIZE, SF, st.integers(1, 3))
def test_stronger_coding_is_never_shorter(phy_bytes: int, sf: int, coding_rate: int) -> None:
    assert airtime_ms(phy_bytes, sf, coding_rate=coding_rate) <= airtime_ms(phy_bytes, sf, coding_rate=coding_rate + 1)


@given(SIZE, SF)
def test_implicit_header_is_never_longer(phy_bytes: int, sf: int) -> None:
    assert airtime_ms(phy_bytes, sf, implicit_header=True) <= airtime_ms(phy_bytes, sf)


@given(SIZE, st.integers(7, 11))
def test_each_spreading_factor_is_slower(phy_bytes: int, sf: int) -> None:
    assert airtime_ms(phy_bytes, sf) < airtime_ms(phy_bytes, sf + 1)


@given(st.integers(0, 254), SF)
def test_longer_frame_is_never_faster(phy_bytes: int, sf: int) -> None:
    assert airtime_ms(phy_bytes, sf) <= airtime_ms(phy_bytes + 1, sf)


def test_preamble_counts_whole_symbols() -> None:
    assert airtime_ms(23, 7, preamble_symbols=10) - airtime_ms(23, 7) == pytest.approx(2 * 1.024)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"phy_bytes": 256}, "phy_bytes: 256, expected 0 to 255"),
        ({"phy_bytes": -1}, "phy_bytes: -1, expected 0 to 255"),
        ({"sf": 6}, "sf: 6, expected 7 to 12"),
        ({"sf": 13}, "sf: 13, expected 7 to 12"),
        ({"bandwidth_hz": 125}, "bandwidth_hz: 125, expected 7800 to 500000"),
        ({"coding_rate": 5}, "coding_rate: 5, expected 1 to 4"),
        ({"preamble_symbols": 0}, "preamble_symbols: 0, expected 6 to 65535"),
    ],
)
def test_refusal_names_the_argument(arguments: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{reason}$"):
        airtime_ms(**({"phy_bytes": 23, "sf": 7} | arguments))


@pytest.mark.parametrize(("sf", "period_s"), [(7, 7.2), (8, 13.4), (9, 24.7), (10, 45.3), (11, 98.7), (12, 181.0)])
def test_one_percent_allows_twenty_bytes_every_so_often(sf: int, period_s: float) -> None:
    sent_ms = airtime_ms(33, sf)

    assert (sent_ms + off_time_ms(sent_ms, 0.01)) / 1000 == pytest.approx(period_s, abs=0.05)


def test_whole_duty_cycle_asks_for_no_silence() -> None:
    assert off_time_ms(100.0, 1) == 0


@pytest.mark.parametrize("duty_cycle", [0, -0.1, 1.1])
def test_duty_cycle_is_a_share(duty_cycle: float) -> None:
    with pytest.raises(ValueError, match=rf"^duty_cycle: {duty_cycle}, expected above 0 and at most 1$"):
        off_time_ms(100.0, duty_cycle)
