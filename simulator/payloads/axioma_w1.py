"""Axioma W1 water meter, extended payload: the volume now, and fifteen hours of consumption (W1 payload 1.7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from uplab.simulator.payloads.fields import whole

__all__ = ["F_PORT", "HOURS", "MODEL", "Readings", "encode"]

MODEL: Final = "axioma_w1"
F_PORT: Final = 100
HOURS: Final = 15


@dataclass(frozen=True, slots=True)
class Readings:
    """What a W1 sends: `deltas_l` is the consumption of each hour after `first_log_epoch_s`; `status` 0 is no error."""

    last_log_epoch_s: int
    last_volume_l: int
    first_log_epoch_s: int
    first_log_volume_l: int
    deltas_l: tuple[int, ...]
    status: int = 0


def encode(readings: Readings) -> bytes:
    """Return the payload; ValueError names the reading that does not fit."""
    if len(readings.deltas_l) != HOURS:
        raise ValueError(f"deltas_l: {len(readings.deltas_l)} values, expected {HOURS}")
    return (
        _uint32("last_log_epoch_s", readings.last_log_epoch_s)
        + bytes((whole("status", readings.status, bits=8),))
        + _uint32("last_volume_l", readings.last_volume_l)
        + _uint32("first_log_epoch_s", readings.first_log_epoch_s)
        + _uint32("first_log_volume_l", readings.first_log_volume_l)
        + b"".join(whole("deltas_l", delta, bits=16).to_bytes(2, "little") for delta in readings.deltas_l)
    )


def _uint32(field: str, value: int) -> bytes:
    return whole(field, value, bits=32).to_bytes(4, "little")
