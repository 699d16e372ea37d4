"""Uplinks that were written down elsewhere, such as the examples of a codec: a device sends them as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Recorded", "RecordedUplink"]


@dataclass(frozen=True, slots=True)
class RecordedUplink:
    """One of them: its bytes, its FPort, and what whoever wrote it down says of it, None for nothing."""

    place: str
    f_port: int
    payload: bytes
    says: Any = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A device model that knows nothing but its uplinks; `application` is producer, module and version."""

    name: str
    application: tuple[str, str, str]
    uplinks: tuple[RecordedUplink, ...]

    def uplink(self, count: int, readings: Mapping[str, Any]) -> RecordedUplink:
        """The uplink after `count` others, round and round, or the one that `example` names, counted from 1.

        ValueError for any other reading, and for an example that there is not.
        """
        if wrong := [name for name in readings if name != "example"]:
            raise ValueError(
                f"{wrong[0]} is no reading of {self.name}; there is example, from 1 to {len(self.uplinks)}"
            )
        number = readings.get("example", count % len(self.uplinks) + 1)
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= len(self.uplinks):
            raise ValueError(f"example is 1 to {len(self.uplinks)}, not {number!r:.40}")
        return self.uplinks[number - 1]
