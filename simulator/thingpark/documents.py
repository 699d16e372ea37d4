"""What every reader of ThingPark's documents must know: roots, members that tell the time, counters, number forms.

One list of each, for network server, identity, fakes and command line. The forwarder has its own copy, since it is what
they judge; tests/vectors/documents.json judges both.

Sources: roots and members are those of ThingPark X IoT Flow's message pages (uplink, notification, location, downlink,
alarm), multicast summaries and base station alarms of its release notes; the two number forms ("typed" and "untyped"
JSON) and CustomerData as a text are seen in public captures. Where no page says it, the reading is ours and marked so.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

__all__ = [
    "ADDED",
    "COUNTERS",
    "DOWNLINK",
    "ROOTS",
    "UPLINK",
    "Root",
    "WrongTimeError",
    "device_of",
    "epoch_ms",
    "instant_of",
    "root_of",
    "time_of",
    "whole",
]

UPLINK: Final = "DevEUI_uplink"
DOWNLINK: Final = "DevEUI_downlink"
"""The root of what comes back: applications and destinations send it, ThingPark never does."""

ADDED: Final = ("payload", "payloadDecodedError", "points", "downlinkUrl")
"""What a forwarder adds to an uplink under its root; and `id` within DriverCfg."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Root:
    """One kind of document: `times` in the order in which they are asked, `device` names whom it is about."""

    name: str
    kind: str
    times: tuple[str, ...] = ("Time",)
    device: str = "DevEUI"


ROOTS: Final[Mapping[str, Root]] = MappingProxyType(
    {
        root.name: root
        for root in (
            Root(UPLINK, "uplink"),
            Root("DevEUI_notification", "notification"),
            # A location without Time has the time of the position (our reading).
            Root("DevEUI_location", "location", ("Time", "DevLocTime")),
            Root("DevEUI_downlink_Sent", "downlink sent"),
            Root("DevEUI_downlink_Rejected", "downlink rejected"),
            Root("DevEUI_multicast_summary", "multicast summary"),
            # Alarms have no Time; what they say now is of their last update (our reading).
            Root("DevEUI_alarm", "alarm", ("Time", "LastUpdateTime", "CreationTime")),
            # It is about a base station, so that the base station is its device (our reading).
            Root("BS_alarm", "base station alarm", ("Time", "LastUpdateTime", "CreationTime"), "LrrID"),
        )
    }
)
"""The roots that ThingPark sends to an application server."""

COUNTERS: Final = ("FCntUp", "FCntDn")
"""The first that is there tells documents of one device apart, and goes into the tunnel's token."""


class WrongTimeError(ValueError):
    """A time that is there and is none; the text names the member and its value."""


def root_of(document: Any) -> tuple[Root, dict[str, Any]] | None:
    """The root of a document and what stands under it; None unless there is exactly one that holds an object."""
    if not isinstance(document, dict):
        return None
    found = [root for name, root in ROOTS.items() if name in document]
    if len(found) != 1 or not isinstance(content := document[found[0].name], dict):
        return None
    return found[0], content


def device_of(root: Root, content: Mapping[str, Any]) -> str:
    """The device in upper case, for a base station's alarm the base station; empty where none is named."""
    value = content.get("DevEUI") or content.get(root.device)
    return value.upper() if isinstance(value, str) else ""


def time_of(root: Root, content: Mapping[str, Any]) -> tuple[str, Any] | None:
    """The member that says when, and its value; None where no member does. null and an empty text say nothing."""
    return next(((name, content[name]) for name in root.times if content.get(name) not in (None, "")), None)


def instant_of(root: Root, content: Mapping[str, Any]) -> int | None:
    """Milliseconds since 1970, None for a document without a time; WrongTimeError where its time is none."""
    told = time_of(root, content)
    if told is None:
        return None
    name, value = told
    try:
        return epoch_ms(value)
    except (TypeError, ValueError, OverflowError):
        raise WrongTimeError(f"{name} is {str(value)[:60]!r}, no ISO 8601 time") from None


@lru_cache(maxsize=4096)  # a document is told at four hops at least
def epoch_ms(time: object) -> int:
    """Milliseconds since 1970 of an ISO 8601 text, UTC where it names no offset; ValueError where it is none."""
    if not isinstance(time, str) or ":" not in time:  # a bare date is no instant
        raise ValueError("no ISO 8601 time")
    instant = datetime.fromisoformat(time)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return (instant - _EPOCH) // timedelta(milliseconds=1)


_WHOLE: Final = re.compile(r"-?[0-9]{1,20}")


def whole(value: object) -> int | None:
    """A whole number in both of its forms, 17 and "17"; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    return value if isinstance(value, int) else None
