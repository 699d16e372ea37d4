"""Several devices over one connection: what is of one uplink stands in no other's request."""

from collections.abc import Callable

import pytest

from uplab.scenarios import Lab, LabConnection, LabDevice

pytestmark = pytest.mark.needs("http", "api")


@pytest.mark.requirement("HTTP-05.a", "HTTP-06", "HTTP-13.a", "HTTP-15.c")
def test_each_uplink_of_several_devices_keeps_its_own_headers(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], headers: dict[str, Callable[[str], str]]
) -> None:
    """Headers, members and what is added are those of the uplink itself, never of another device or the one before."""
    sent = [device.send() for _ in range(2) for device in devices]
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection, headers)
