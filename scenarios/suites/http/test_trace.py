"""The trace of an uplink goes on, for whoever watches more than the forwarder (W3C Trace Context)."""

from typing import Any

import pytest

from uplab.fakes.faults import Fault, FirstN, Status
from uplab.scenarios import Faults, Lab, LabConnection, LabDevice
from uplab.scenarios.checks.checks import SameTrace
from uplab.scenarios.suites.common.destination import connect_bin
from uplab.scenarios.suites.common.several import await_success

pytestmark = pytest.mark.needs("http", "api", "traceparent")


@pytest.mark.requirement("HTTP-23")
def test_trace_of_an_uplink_goes_on_to_the_destination(
    lab: Lab, connection: LabConnection, devices: list[LabDevice]
) -> None:
    """The ingress is given a traceparent, and each uplink reaches the destination in its own trace."""
    sent = [device.send() for _ in range(2) for device in devices]
    lab.await_delivery(sent, connection.route)

    lab.judge_alone(SameTrace([one.id for one in sent], connection.route))


@pytest.mark.requirement("HTTP-23")
def test_trace_stays_over_the_attempts(
    lab: Lab, faults: Faults, devices: list[LabDevice], soon: dict[str, Any]
) -> None:
    """Refused, kept, and sent again beside those of other devices: each attempt is in the trace of its own uplink."""
    faults.plan(Fault("refused", FirstN(2), Status(503), only="/traced"))
    connection = connect_bin(lab, "/traced", *devices, **soon)

    sent = [device.send() for device in devices]
    faults.happened(count=2, after_s=soon["blamePeriod"])
    await_success(lab, sent, connection.route, after_s=2 * soon["blamePeriod"])

    lab.judge_alone(SameTrace([one.id for one in sent], connection.route))
