"""What the MQTT suite is given: the page's body at the lab's broker, a program beside it, faults to plan."""

from collections.abc import Iterator
from typing import Any

import pytest

from uplab.scenarios import Lab, LabConnection, LabDevice, Route, Station
from uplab.scenarios.lab.witness import broker_body
from uplab.scenarios.suites.faults.pace import needs_own_process, running_at

UPLINKS = Route("broker", "mqtt/things/+/uplink")


@pytest.fixture
def body() -> dict[str, Any]:
    """The page's example, without encryption and with an account of the lab's broker."""
    return broker_body()


@pytest.fixture
def connection(lab: Lab, body: dict[str, Any], devices: list[LabDevice]) -> LabConnection:
    """The connection, open, with three devices bound to it."""
    return lab.connect(body, UPLINKS, *devices)


@pytest.fixture
def station(lab: Lab) -> Station:
    """A user's program at the broker."""
    return Station(lab)


@pytest.fixture(scope="module")
def hurried(running_lab: Lab) -> Iterator[None]:
    """Scheduled time runs so fast that the minutes between reconnections take less than a second."""
    with running_at(running_lab, 600.0):
        yield


@pytest.fixture
def own_process(lab: Lab) -> None:
    """A forwarder that can be killed and started from here."""
    needs_own_process(lab)
