from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.simulator.clock import Clock, ManualClock, RealClock, ScaledClock, parse_iso, utc_iso


@given(st.integers(min_value=0, max_value=4_102_444_800_000))
def test_instants_read_as_the_standard_library_writes_them(epoch_ms: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=epoch_ms)

    assert utc_iso(epoch_ms / 1000) == moment.isoformat(timespec="milliseconds")


@given(st.integers(min_value=0, max_value=4_102_444_800_000))
def test_written_instants_are_read_back(epoch_ms: int) -> None:
    assert round(parse_iso(utc_iso(epoch_ms / 1000)) * 1000) == epoch_ms


def test_half_milliseconds_never_make_a_thousand() -> None:
    assert utc_iso(1.9999) == "1970-01-01T00:00:02.000+00:00"


def test_an_offset_counts_and_its_absence_is_utc() -> None:
    assert parse_iso("2016-01-11T14:28:00.333+02:00") == pytest.approx(1_452_515_280.333)
    assert parse_iso("2016-01-11T14:28:00") == 1_452_522_480.0


def test_what_is_no_date_is_named() -> None:
    with pytest.raises(ValueError, match=r"^expected an ISO 8601 date and time, got '2016-01-11 14:28:00\.333 02:00'$"):
        parse_iso("2016-01-11 14:28:00.333 02:00")


def test_manual_time_stands_until_advanced() -> None:
    clock = ManualClock(epoch_s=100.0)

    assert (clock.monotonic_s(), clock.epoch_s()) == (0.0, 100.0)
    clock.advance(2.5)
    assert (clock.monotonic_s(), clock.epoch_s()) == (2.5, 102.5)


def test_manual_time_cannot_go_backwards() -> None:
    with pytest.raises(ValueError, match=r"^seconds: time can't go backwards, got -1$"):
        ManualClock().advance(-1)


def test_scaled_clocks_with_the_same_numbers_agree() -> None:
    one = ScaledClock(60.0, epoch_s=1000.0, monotonic_origin_s=0.0)
    other = ScaledClock(60.0, epoch_s=1000.0, monotonic_origin_s=0.0)

    first, second, third = one.epoch_s(), other.epoch_s(), one.epoch_s()

    assert first <= second <= third


def test_scaled_time_runs_at_its_rate() -> None:
    real, scaled = RealClock(), ScaledClock(1000.0, epoch_s=0.0)

    before = real.monotonic_s() - scaled.monotonic_origin_s
    reading = scaled.monotonic_s()
    after = real.monotonic_s() - scaled.monotonic_origin_s

    assert 1000.0 * before <= reading <= 1000.0 * after


@pytest.mark.parametrize("rate", [0.0, -1.0])
def test_time_must_go_forward(rate: float) -> None:
    with pytest.raises(ValueError, match="rate: time must go forward"):
        ScaledClock(rate)


@pytest.mark.parametrize("clock", [RealClock(), ScaledClock(2.0), ManualClock()])
def test_every_clock_is_one(clock: Clock) -> None:
    assert clock.monotonic_s() <= clock.monotonic_s()
    assert clock.epoch_s() > 1_000_000_000
