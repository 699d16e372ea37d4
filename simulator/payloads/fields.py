"""Physical values to the whole numbers that payloads carry, with the name of the field in every refusal."""

from __future__ import annotations

__all__ = ["condensed", "scaled", "whole"]


def scaled(field: str, value: float, *, per_unit: float = 1, low: float, high: float) -> int:
    """Return `value` in steps of 1/per_unit, the nearest; ValueError names the field when it is not within limits."""
    _check(field, value, low, high)
    return round(value * per_unit)


def whole(field: str, value: int, *, bits: int, signed: bool = False) -> int:
    """Return `value` when it fits that many bits; ValueError names the field when it does not, or is not whole."""
    low = -(1 << bits - 1) if signed else 0
    _check(field, value, low, low + (1 << bits) - 1)
    if value != int(value):
        raise ValueError(f"{field}: {value}, expected a whole number")
    return int(value)


def condensed(field: str, value: float, *, low: float, high: float, reserved: int = 0) -> int:
    """Return the byte for `value` on Abeeway's scale, whose ends spare `reserved` codes; ValueError names the field."""
    _check(field, value, low, high)
    return round(reserved / 2 + (value - low) * (255 - reserved) / (high - low))


def _check(field: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:  # never true of NaN
        raise ValueError(f"{field}: {value}, expected {low} to {high}")
