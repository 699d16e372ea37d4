"""What kinds of documents ThingPark sends: whom each is about, which of its members tells the time, how numbers look.

The forwarder's own reading of the message pages. Where no page says it, the reading is ours and marked so.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

__all__ = [
    "DOWNLINK",
    "ROOTS",
    "UPLINK",
    "Root",
    "WrongTimeError",
    "device_of",
    "instant_of",
    "real",
    "time_of",
    "whole",
]

UPLINK = "DevEUI_uplink"
DOWNLINK = "DevEUI_downlink"
"""The root of what comes back: applications and destinations send it, ThingPark never does."""

_TIME = ("Time",)
_OF_ALARMS = ("Time", "LastUpdateTime", "CreationTime")  # our reading: alarms have no Time, and are as of their update
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Root:
    """A kind of document: the members that may tell its time, the first that does counts, and whom it is about."""

    times: tuple[str, ...] = _TIME
    device: str = "DevEUI"


ROOTS: Mapping[str, Root] = MappingProxyType(
    {
        UPLINK: Root(),
        "DevEUI_notification": Root(),
        "DevEUI_location": Root(("Time", "DevLocTime")),  # our reading: without Time it is as of the position
        "DevEUI_downlink_Sent": Root(),
        "DevEUI_downlink_Rejected": Root(),
        "DevEUI_multicast_summary": Root(),
        "DevEUI_alarm": Root(_OF_ALARMS),
        "BS_alarm": Root(_OF_ALARMS, "LrrID"),  # our reading: the base station is its device
    }
)
"""The roots that ThingPark sends to an application server."""


class WrongTimeError(ValueError):
    """A document whose time is none; the text names member and value."""


def device_of(root: Root, content: Mapping[str, Any]) -> str:
    """Return whom a document is about, in upper case; empty where it does not say."""
    named = content.get("DevEUI") or content.get(root.device)
    return named.upper() if isinstance(named, str) else ""


def time_of(root: Root, content: Mapping[str, Any]) -> tuple[str, Any] | None:
    """Return the member that tells the time, with its value; null and an empty text tell none."""
    for name in root.times:
        value = content.get(name)
        if value is not None and value != "":
            return name, value
    return None


def instant_of(root: Root, content: Mapping[str, Any]) -> int | None:
    """Return the milliseconds since 1970 that a document tells, or None; WrongTimeError when its time is none."""
    told = time_of(root, content)
    if told is None:
        return None
    name, value = told
    try:
        if not isinstance(value, str) or ":" not in value:
            raise ValueError
        instant = datetime.fromisoformat(value)
        # A time that names no offset is UTC.
        return ((instant if instant.tzinfo else instant.replace(tzinfo=UTC)) - _EPOCH) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        raise WrongTimeError(f"{name} is {str(value)[:60]!r}, no ISO 8601 time") from None


def whole(value: object) -> int | None:
    """Read a counter or a port: typed documents write 17, untyped ones "17"."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,20}", value):
        return int(value)
    return None


def real(value: object) -> float | None:
    """Read a measured value: -91.5, "-91.500000" or "1.1E-5"."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?([eE][+-]?[0-9]{1,3})?", value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
