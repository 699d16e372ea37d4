"""Checked access to the fields of a downlink object, for the drivers that encode downlinks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from uplab.simulator.forwarder.documents.drivers.driver import DriverError

__all__ = ["choice", "flag", "integer", "only_key"]


def choice(payload: dict[str, Any], name: str, allowed: Iterable[str]) -> str:
    """Return the text `name` of a downlink object, or raise DriverError naming it and what it may be."""
    value = payload.get(name)
    if not isinstance(value, str) or value not in allowed:
        raise DriverError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
    return value


def integer(payload: dict[str, Any], name: str, *, lowest: int, highest: int) -> int:
    """Return the whole number `name` of a downlink object, or raise DriverError naming it and its range."""
    value = payload.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise DriverError(f"{name} must be a whole number from {lowest} to {highest}, not {value!r}")
    return value


def flag(payload: dict[str, Any], name: str) -> bool:
    """Return the boolean `name` of a downlink object, or raise DriverError naming it."""
    value = payload.get(name)
    if not isinstance(value, bool):
        raise DriverError(f"{name} must be true or false, not {value!r}")
    return value


def only_key(payload: dict[str, Any], allowed: tuple[str, ...]) -> str:
    """Return the single key of a downlink object, which must be one of `allowed`, or raise DriverError."""
    keys = list(payload)
    if len(keys) != 1 or keys[0] not in allowed:
        raise DriverError(
            f"a downlink holds exactly one of {', '.join(allowed)}, not {', '.join(map(str, keys)) or 'nothing'}"
        )
    return str(keys[0])
