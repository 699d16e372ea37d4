"""What the downlink suite is given: an HTTP connection to a bin, and a way to post downlinks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from uplab.scenarios import Lab, LabConnection, LabDevice, Route

BIN = Route("posthere", "/6317-4654-94db")

PostDownlink = Callable[..., httpx.Response]


@pytest.fixture
def body() -> dict[str, Any]:
    """A plain HTTP connection."""
    return {
        "connectorId": "actility-http-iot",
        "name": "Downlinks",
        "configuration": {"destinationURL": f"https://posthere.io{BIN.path}"},
    }


@pytest.fixture
def connection(lab: Lab, body: dict[str, Any], devices: list[LabDevice]) -> LabConnection:
    """The connection, open, with three devices bound to it."""
    return lab.connect(body, BIN, *devices)


@pytest.fixture
def post_downlink(lab: Lab) -> PostDownlink:
    """POST of a DevEUI_downlink to a downlink URL."""
    return lab.post_downlink
