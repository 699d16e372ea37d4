"""What every forwarder can be asked: each uplink arrives, once, where it belongs, in the order that is declared."""

import pytest

from uplab.fakes.faults import Always, Delay, Fault
from uplab.scenarios import Faults, Lab, LabDevice
from uplab.scenarios.suites.common.destination import connect_bin
from uplab.scenarios.suites.common.ingress import Ingress
from uplab.scenarios.suites.common.reports import uplink
from uplab.scenarios.suites.common.several import await_success, expect_accepted

pytestmark = [pytest.mark.needs("http"), pytest.mark.delivery]


@pytest.mark.varies("generation", "regime", "model")
@pytest.mark.requirement("HTTP-12.a")
def test_each_uplink_arrives_once(lab: Lab, devices: list[LabDevice]) -> None:
    """Three devices send three times: each uplink reaches its destination once and no other place."""
    connection = connect_bin(lab, "/delivery", *devices)

    sent = [device.send() for _ in range(3) for device in devices]
    await_success(lab, sent, connection.route)
    lab.judge_delivery(
        sent, connection
    )  # before the barrier, which who loses uplinks may not pass: what is lost is lost
    sent += lab.barrier(*devices)
    await_success(lab, sent, connection.route)

    lab.judge_delivery(sent, connection)


@pytest.mark.varies("generation", "model")
@pytest.mark.requirement("HTTP-15.a")
def test_order_is_as_declared(lab: Lab, faults: Faults, devices: list[LabDevice]) -> None:
    """While the destination takes its time, what has to wait by the profile waits, and goes out in its order."""
    if lab.profile.policy.order == "none":
        pytest.skip("the profile declares no order")
    faults.plan(Fault("slow", Always(), Delay(0.1)))
    connection = connect_bin(lab, "/delivery-order", *devices)

    sent = [device.send() for _ in range(3) for device in devices]
    await_success(lab, sent, connection.route, after_s=0.1 * len(sent))

    lab.judge_delivery(sent, connection)


@pytest.mark.requirement("HTTP-15.c")
def test_largest_body_is_as_declared(lab: Lab, ingress: Ingress, device: LabDevice) -> None:
    """A document below the largest body arrives; one above it does not, and the next one is not held up."""
    limit = lab.profile.policy.largest_body
    if limit is None:
        pytest.skip("the profile declares no largest body")
    connection = connect_bin(lab, "/delivery-large", device)

    small, _ = ingress.post(uplink(device, CustomerData="s" * max(0, limit // 2 - 2000)))
    large, _ = ingress.post(uplink(device, CustomerData="l" * (limit + 1)))
    sent = [device.send(), *lab.barrier(device)]
    await_success(lab, [small, *sent], connection.route)

    expect_accepted(lab, small)
    lab.judge_delivery([small, *sent], connection)
    came = [e for e in lab.history.events if e.hop == "destination.arrived" and large.id in e.ids]
    lab.expect_seen(
        f"what is larger than {limit} bytes is not delivered", came, {"empty": True}, f"{len(came)} requests"
    )
