"""Events of other network servers: what they are called where no document of ThingPark stands, instead of a puzzle."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

import orjson

__all__ = ["foreign", "foreign_among"]

_MEMBERS: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    # Members that all events of one server have, by its own documentation.
    ("ChirpStack", frozenset({"deviceInfo", "time"})),
    ("ChirpStack", frozenset({"applicationID", "devEUI"})),  # its version 3
    ("The Things Stack", frozenset({"end_device_ids"})),
    ("The Things Stack", frozenset({"name", "identifiers", "time"})),  # its event stream
    ("The Things Network's version 2", frozenset({"app_id", "dev_id", "hardware_serial"})),
    ("LORIOT", frozenset({"cmd", "EUI"})),
    ("AWS IoT Core for LoRaWAN", frozenset({"WirelessDeviceId", "WirelessMetadata"})),
)


def foreign(names: Collection[str]) -> str:
    """Whose event an object is, by the names of its members; empty for any other."""
    return next((server for server, members in _MEMBERS if members <= set(names)), "")


def foreign_among(bodies: Iterable[bytes | None]) -> str:
    """The same of the first of these bodies that is one, as the end of a sentence; empty where none is."""
    for body in bodies:
        try:
            event = orjson.loads(body or b"")
        except orjson.JSONDecodeError:
            continue
        if isinstance(event, dict) and (server := foreign(event)):
            return f"; there are events of {server}, which are none"
    return ""
