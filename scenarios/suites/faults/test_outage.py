"""A destination that refuses connections: what was accepted is kept, the outage is told, all goes out afterwards."""

from collections.abc import Iterator
from typing import Any

import pytest

from uplab.scenarios import Lab, LabConnection, LabDevice, Route
from uplab.scenarios.suites.common.destination import http_body, metrics_of, telling
from uplab.scenarios.suites.common.several import await_success, judge_several
from uplab.scenarios.suites.faults.closed_port import ClosedPort
from uplab.scenarios.suites.faults.pace import running_at

pytestmark = pytest.mark.needs("http")

PATH = "/late"
HURRIED = 600.0  # AGGRESSIVE tries every three minutes, which are a third of a second then


@pytest.fixture
def connection(lab: Lab, nowhere: ClosedPort, soon: dict[str, Any], devices: list[LabDevice]) -> LabConnection:
    """A connection to a port where nobody listens."""
    route: Route = nowhere.route(PATH)
    return lab.connect(http_body(PATH, at=nowhere.base, **soon), route, *devices)


@pytest.mark.needs("metrics")
@pytest.mark.requirement("HTTP-16.d")
def test_refused_connection_loses_nothing(
    lab: Lab, connection: LabConnection, nowhere: ClosedPort, devices: list[LabDevice]
) -> None:
    """Uplinks accepted while the destination refuses connections arrive once and in order when it is back."""
    # Given uplinks of which the first was tried in vain
    sent = [device.send() for _ in range(3) for device in devices]
    lab.poll(
        lambda: metrics_of(lab, connection)["lastHour"]["uplinksFailed"],
        bool,
        awaited="a failed delivery in the metrics",
    )

    # When the destination comes back
    nowhere.open()
    await_success(lab, sent, connection.route)

    # Then
    judge_several(lab, sent, connection)


@pytest.fixture
def hurried(lab: Lab) -> Iterator[None]:
    """Scheduled time runs so fast that the minutes of the strategy take less than a second."""
    with running_at(lab, HURRIED):
        yield


@pytest.mark.generation("strict-resend")
@pytest.mark.needs("events", "clock", "options")
@pytest.mark.usefixtures("hurried")
@pytest.mark.requirement("HTTP-16.h")
def test_destination_out_of_reach_is_tried_again_by_strict_resend(
    lab: Lab, nowhere: ClosedPort, devices: list[LabDevice]
) -> None:
    """strict-resend: a destination that refuses connections is told, and tried again by the strategy."""
    if lab.profile.choices.failure_generation != "strict-resend":
        pytest.skip(f"the failure generation {lab.profile.choices.failure_generation} does not re-send")
    body = http_body(PATH, at=nowhere.base, strictMode=True, reconnectStrategy="AGGRESSIVE")
    connection = lab.connect(body, nowhere.route(PATH), devices[0])
    sent = [devices[0].send()]
    telling(lab, connection, dev_eui=devices[0].dev_eui)
    nowhere.open()
    await_success(lab, sent, connection.route, after_s=2 * 4 * 60 / HURRIED)

    judge_several(lab, sent, connection)


@pytest.mark.needs("states", "events")
@pytest.mark.requirement("COM-09.c")
def test_refused_connection_is_told(
    lab: Lab, connection: LabConnection, nowhere: ClosedPort, devices: list[LabDevice]
) -> None:
    """The state stops saying OPENED, an event names the device; with the destination back it is OPENED again."""
    sent = [devices[0].send()]
    state = lab.poll(
        lambda: str(connection.read()["state"]), {"not": "OPENED"}, awaited="the state no longer being OPENED"
    )
    lab.expect_seen("the state tells the outage", state, {"among": ("UNREACHABLE", "CLOSING", "CLOSED", "OPENING")})
    telling(lab, connection, dev_eui=devices[0].dev_eui)

    nowhere.open()
    await_success(lab, sent, connection.route)
    connection.wait_for_state("OPENED")
    judge_several(lab, sent, connection)
