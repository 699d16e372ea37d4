"""What the scenarios of this project are given beside the fixtures of uplab."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from uplab.scenarios import Destination, DeviceModel, Lab, LabDevice

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

# A device model: `measure` gives the readings of the nth uplink, `encode` the bytes that the device makes of them.
DOOR = DeviceModel(
    "hall_door",
    measure=lambda n: {"is_open": n % 2 == 1, "battery_pct": 100 - n % 100},
    encode=lambda is_open, battery_pct: bytes([is_open, battery_pct]),
    f_port=7,
    application=("hall", "door", "1"),
)


@pytest.fixture
def door(lab: Lab) -> LabDevice:
    """A door of the hall, joined."""
    return lab.device(DOOR)


@pytest.fixture
def hall(lab: Lab, httpserver: HTTPServer) -> Destination:
    """The hall's own server, scripted by hand: it takes whatever is posted to /uplinks."""
    httpserver.expect_request("/uplinks", method="POST").respond_with_data("", status=204)
    return lab.destination(httpserver)
