from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.simulator.chance import Chance
from uplab.simulator.radio.radio import Radio, esp_dbm, noise_floor_dbm, snr_floor_db

# LrrRSSI, LrrSNR, LrrESP of public ThingPark documents.
PUBLISHED = [(-46.0, 10.75, -46.350853), (-65.0, 9.5, -65.461838), (-69.0, 8.75, -69.543648), (-80.0, 7.0, -80.790100)]


@pytest.mark.parametrize(("rssi", "snr", "esp"), PUBLISHED)
def test_esp_equals_published_samples(rssi: float, snr: float, esp: float) -> None:
    assert esp_dbm(rssi, snr) == pytest.approx(esp, abs=5e-6)  # they were computed in single precision


@pytest.mark.parametrize(("distance_m", "power_dbm", "snr_db"), [(1000, -106.5, 10.5), (2000, -117.8, -0.8)])
def test_power_falls_as_the_path_loss_model_says(distance_m: float, power_dbm: float, snr_db: float) -> None:
    power = 14.0 + Radio(Chance(1), shadowing_db=0.0).gain_db((0.0, 0.0), (0.0, distance_m))

    assert power == pytest.approx(power_dbm, abs=0.06)
    assert power - noise_floor_dbm(125_000) == pytest.approx(snr_db, abs=0.06)


def test_nearer_than_a_metre_is_a_metre() -> None:
    assert Radio(Chance(1)).gain_db((5.0, 5.0), (5.0, 5.0)) == -7.7


@given(st.floats(min_value=-150, max_value=0), st.sampled_from([7, 8, 9, 10, 11, 12]))
def test_what_is_heard_is_consistent(power_dbm: float, spreading_factor: int) -> None:
    signal = Radio(Chance(1), fading_db=0.0).receive(power_dbm, spreading_factor)

    true_snr = power_dbm - noise_floor_dbm(125_000)
    if signal is None:
        assert true_snr < snr_floor_db(spreading_factor)
        return
    assert -20.0 <= signal.snr_db <= 19.0
    assert signal.esp_dbm == pytest.approx(esp_dbm(signal.rssi_dbm, signal.snr_db), abs=1e-6)
    if true_snr < 18.9:
        # A receiver cannot see less than its own noise, and ESP finds the signal in it.
        assert signal.rssi_dbm >= noise_floor_dbm(125_000) - 0.5
        assert signal.esp_dbm == pytest.approx(power_dbm, abs=1.0)


@pytest.mark.parametrize(("spreading_factor", "floor_db"), [(7, -7.5), (10, -15.0), (12, -20.0)])
def test_the_floor_of_the_spreading_factor_decides(spreading_factor: int, floor_db: float) -> None:
    radio = Radio(Chance(1), fading_db=0.0)
    floor_dbm = noise_floor_dbm(125_000) + floor_db

    assert radio.receive(floor_dbm + 0.01, spreading_factor) is not None
    assert radio.receive(floor_dbm - 0.3, spreading_factor) is None


def test_a_wider_channel_needs_more() -> None:
    assert snr_floor_db(7, 500_000) == -1.5


def test_a_strong_signal_reads_nineteen() -> None:
    signal = Radio(Chance(1), fading_db=0.0).receive(-40.0, 7)

    assert signal is not None
    assert (signal.rssi_dbm, signal.snr_db) == (-40.0, 19.0)


def test_shadow_belongs_to_the_link_in_both_directions() -> None:
    radio = Radio(Chance(1), shadowing_db=4.0)
    here, there, elsewhere = (0.0, 0.0), (300.0, 400.0), (-300.0, -400.0)

    assert radio.gain_db(here, there) == radio.gain_db(there, here)
    assert radio.gain_db(here, there) != radio.gain_db(here, elsewhere)


def test_fading_varies_and_repeats_with_the_seed() -> None:
    def draw() -> list[float]:
        radio = Radio(Chance(3), fading_db=2.0)
        return [signal.rssi_dbm for _ in range(20) if (signal := radio.receive(-90.0, 7))]

    assert draw() == draw()
    assert len(set(draw())) > 3


def test_loss_is_a_share_of_receptions() -> None:
    radio = Radio(Chance(3), loss=0.25)

    heard = sum(radio.receive(-80.0, 7) is not None for _ in range(4000))

    assert math.isclose(heard, 3000, rel_tol=0.05)


def test_loss_must_be_a_share() -> None:
    with pytest.raises(ValueError, match=r"^loss: expected a share from 0 to 1, got 2$"):
        Radio(Chance(1), loss=2)
