from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.simulator.payloads.fields import condensed, scaled, whole


@pytest.mark.parametrize(
    ("value", "per_unit", "expected"),
    [(22.6, 10, 226), (-0.04, 10, 0), (-0.06, 10, -1), (25.01, 100, 2501), (41, 1, 41)],
)
def test_value_becomes_the_nearest_step(value: float, per_unit: float, expected: int) -> None:
    assert scaled("t", value, per_unit=per_unit, low=-100, high=100) == expected


@given(st.integers(-32_768, 32_767), st.sampled_from([1, 2, 10, 100, 1000]))
def test_each_step_is_met_exactly(steps: int, per_unit: int) -> None:
    assert scaled("t", steps / per_unit, per_unit=per_unit, low=-40_000, high=40_000) == steps


@pytest.mark.parametrize("value", [-40.1, 85.1, math.nan, math.inf, -math.inf])
def test_value_outside_its_limits_names_the_field(value: float) -> None:
    for encode in (scaled, condensed):
        with pytest.raises(ValueError, match=rf"^temperature_c: {value}, expected -40 to 85$"):
            encode("temperature_c", value, low=-40, high=85)


@pytest.mark.parametrize(
    ("bits", "signed", "low", "high"), [(8, False, 0, 255), (16, True, -32_768, 32_767), (2, False, 0, 3)]
)
def test_whole_number_keeps_its_bits(bits: int, signed: bool, low: int, high: int) -> None:
    assert [whole("n", value, bits=bits, signed=signed) for value in (low, high)] == [low, high]
    for value in (low - 1, high + 1):
        with pytest.raises(ValueError, match=rf"^n: {value}, expected {low} to {high}$"):
            whole("n", value, bits=bits, signed=signed)


def test_half_a_number_is_not_whole() -> None:
    with pytest.raises(ValueError, match=r"^n: 1.5, expected a whole number$"):
        whole("n", 1.5, bits=8)  # type: ignore[arg-type]


@given(st.integers(0, 255))
def test_each_byte_of_a_condensed_scale_is_met(byte: int) -> None:
    decoded = byte * 129 / 255 - 44

    assert condensed("t", min(max(decoded, -44), 85), low=-44, high=85) == byte


@given(st.integers(1, 254))
def test_reserved_codes_are_spared(byte: int) -> None:
    decoded = (byte - 1) * 1.4 / 253 + 2.8

    assert condensed("v", min(decoded, 4.2), low=2.8, high=4.2, reserved=2) == byte
