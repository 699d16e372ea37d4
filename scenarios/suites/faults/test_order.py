"""One delivery at a time for each device, however slow the destination is."""

import pytest

from uplab.fakes.faults import Always, Delay, Fault
from uplab.scenarios import Faults, Lab, LabDevice
from uplab.scenarios.suites.common.destination import connect_bin
from uplab.scenarios.suites.common.several import await_success

pytestmark = [pytest.mark.needs("http"), pytest.mark.delivery, pytest.mark.varies("generation")]


@pytest.mark.requirement("HTTP-15.a")
def test_next_uplink_waits_for_the_answer_to_the_one_before(lab: Lab, faults: Faults, device: LabDevice) -> None:
    """While the destination takes its time for one uplink, the next one of the same device is not sent."""
    faults.plan(Fault("slow", Always(), Delay(0.2)))
    connection = connect_bin(lab, "/slow", device)

    sent = [device.send() for _ in range(4)]
    await_success(lab, sent, connection.route)

    lab.judge_delivery(sent, connection)
