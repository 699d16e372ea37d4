"""Downlinks: every field of a DevEUI_downlink, in its forms and at its limits. Sources: DL-04 to DL-10, CONTRACT 5."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["DOWNLINKS", "NOW"]

NOW: Final = "now"
"""In the place of a Time: the moment at which it is posted."""

DOWNLINKS: Final[Mapping[str, dict[str, Any] | None]] = {
    "none": None,
    "plain": {"FPort": 5, "payload_hex": "3E012c0A"},
    "port 1": {"FPort": 1, "payload_hex": "00"},
    "port 223": {"FPort": 223, "payload_hex": "ff00ff"},
    "port 224": {"FPort": 224, "payload_hex": "0e"},
    "port of the connection": {"payload_hex": "aa"},
    "numbers as texts": {"FPort": "9", "payload_hex": "0b0c"},
    "device in small letters": {"FPort": 6, "payload_hex": "0102", "lower": True},
    "correlated": {"FPort": 4, "payload_hex": "0a", "CorrelationID": "00000000000B0B01"},
    "confirmed": {"FPort": 4, "payload_hex": "0d0e", "Confirmed": 1},
    "confirmed and correlated": {
        "FPort": 4,
        "payload_hex": "0d1e",
        "Confirmed": "1",
        "CorrelationID": "00000000000B0B02",
    },
    "not confirmed": {"FPort": 4, "payload_hex": "0d0f", "Confirmed": "0"},
    "flush": {"FPort": 3, "payload_hex": "c0", "FlushDownlinkQueue": 1},
    "flush alone": {"FlushDownlinkQueue": "1"},
    "no flush": {"FPort": 3, "payload_hex": "c1", "FlushDownlinkQueue": 0},
    "51 bytes": {"FPort": 8, "payload_hex": "5a" * 51},
    "digits alone": {"FPort": 8, "payload_hex": "313233"},
    "valid for an hour": {"FPort": 2, "payload_hex": "99", "ValidityTime": 3600},
    "valid until a date": {"FPort": 2, "payload_hex": "9a", "ValidityTime": "2099-01-01T00:00:00.000+02:00"},
    "made at a time": {"FPort": 2, "payload_hex": "9b", "Time": NOW},
    "expired": {
        "FPort": 2,
        "payload_hex": "9c",
        "ValidityTime": "2020-01-01T00:00:00.000+00:00",
        "CorrelationID": "00000000000B0B03",
    },
    "too long for any rate": {"FPort": 2, "payload_hex": "00" * 243, "CorrelationID": "00000000000B0B04"},
}
"""By name; `lower` writes the DevEUI in small letters. What the network rejects comes back as a report."""
