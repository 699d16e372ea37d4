"""What all messages of Abeeway trackers begin with (Abeeway trackers reference guide)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from uplab.simulator.payloads.fields import condensed, whole

__all__ = ["Mode", "Status", "header"]


class Mode(IntEnum):
    """What makes a tracker send positions."""

    STAND_BY = 0
    MOTION_TRACKING = 1
    PERMANENT_TRACKING = 2
    MOTION_START_END_TRACKING = 3
    ACTIVITY_TRACKING = 4
    OFF = 5


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a tracker: `tracking` is the state of its application, `sos` the user's alert."""

    mode: Mode = Mode.MOTION_TRACKING
    sos: bool = False
    tracking: bool = False
    moving: bool = False
    periodic: bool = False
    on_demand: bool = False


def header(message: int, status: Status, *, battery: int, temperature_c: float, ack_token: int, option: int) -> bytes:
    """Return the five bytes: message type, status, battery as coded by the firmware, temperature, token and option."""
    bits = (
        status.mode << 5
        | status.sos << 4
        | status.tracking << 3
        | status.moving << 2
        | status.periodic << 1
        | status.on_demand
    )
    temperature = condensed("temperature_c", temperature_c, low=-44, high=85)
    token = whole("ack_token", ack_token, bits=4) << 4 | option
    return bytes((message, bits, battery, temperature, token))
