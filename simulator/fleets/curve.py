"""How much is sent at which hour of a day, as shares of what a device sends at its full rate."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

__all__ = ["CURVES", "Curve"]

Curve = tuple[float, ...]
"""For each hour of the day, UTC: 1 is the full rate, 0.5 half as many uplinks, 0 none."""

_NIGHT, _DAY = 0.25, 1.0

CURVES: Final = MappingProxyType(
    {
        "flat": (1.0,) * 24,
        # People are there from 7 to 19 o'clock: motion and climate say much by day and little by night.
        "office": (*(_NIGHT,) * 7, *(_DAY,) * 12, *(_NIGHT,) * 5),
        # Meters that are read at night: nothing for the rest of the day.
        "night": (*(_DAY,) * 6, *(0.0,) * 18),
    }
)
"""Our choice, by name."""
