"""Several devices over one connection: what is of one uplink stands in no other's request."""

from collections.abc import Callable
from typing import Any

import pytest

from uplab.fakes.faults import Fault, FirstN, Status
from uplab.scenarios import Faults, Lab, LabConnection, LabDevice
from uplab.scenarios.suites.common.destination import connect_bin
from uplab.scenarios.suites.common.several import await_success

pytestmark = pytest.mark.needs("http", "api")


@pytest.mark.requirement("HTTP-05.a", "HTTP-06", "HTTP-13.a", "HTTP-15.c")
def test_each_uplink_of_several_devices_keeps_its_own_headers(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], headers: dict[str, Callable[[str], str]]
) -> None:
    """Headers, members and what is added are those of the uplink itself, never of another device or the one before."""
    sent = [device.send() for _ in range(2) for device in devices]
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection, headers)


@pytest.mark.needs("patterns")
@pytest.mark.requirement("HTTP-05.a", "HTTP-06")
def test_what_is_tried_again_has_the_headers_of_its_uplink(
    lab: Lab, faults: Faults, devices: list[LabDevice], soon: dict[str, Any]
) -> None:
    """Refused, kept, and sent again beside those of other devices: each attempt has the headers of its own uplink."""
    faults.plan(Fault("refused", FirstN(2), Status(503), only="/again"))
    given = {"X-Site": "BuildingA", "X-Thing": "dev-{DevEUI}", "X-Uplink": "{DevEUI}/{FCntUp}"}
    connection = connect_bin(lab, "/again", *devices, headers=given, **soon)

    sent = [device.send() for _ in range(2) for device in devices]
    faults.happened(count=2, after_s=soon["blamePeriod"])
    await_success(lab, sent, connection.route, after_s=2 * soon["blamePeriod"])

    wanted = {"X-Site": lambda _: "BuildingA", "X-Thing": lambda dev_eui: f"dev-{dev_eui}"}
    lab.judge_delivery(sent, connection, wanted, proves={"X-Site": "HTTP-05.a", "X-Thing": "HTTP-06"})
