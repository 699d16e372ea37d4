"""DELETE while something waits: a twin that waits as long shows when it would have gone out."""

from __future__ import annotations

from typing import Any

from uplab.fakes.faults import Fault, Nth, Status
from uplab.scenarios.checks.checks import deliveries
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.lab.connection import LabConnection
from uplab.scenarios.lab.device import LabDevice
from uplab.scenarios.lab.lab import Lab
from uplab.scenarios.suites.common.destination import connect_bin
from uplab.scenarios.suites.common.several import await_success
from uplab.scenarios.suites.faults.plan import Faults

__all__ = ["judge_waiting_at_delete"]

TWIN = "/twin"


def judge_waiting_at_delete(
    lab: Lab, faults: Faults, doomed: LabConnection, device: LabDevice, soon: dict[str, Any], *, proves: str
) -> None:
    """What waits at the moment of DELETE is dropped: when the twin's own uplink goes out again, the other's does not.

    `doomed` is bound to the device, its destination refuses, and it tries again as soon as `soon` says.
    """
    # Given a twin that was refused later, and so tries again later
    faults.plan(Fault("refused too", Nth(1), Status(503), only=TWIN))
    before = device.send()
    faults.happened()
    other = lab.device()
    twin = connect_bin(lab, TWIN, other, **soon)
    sent = other.send()
    faults.happened(count=2)

    # When the connection is deleted while its uplink waits, and its destination is well again
    doomed.delete()
    faults.heal()
    await_success(lab, [sent], twin.route, after_s=soon["blamePeriod"])
    lab.barrier(device)

    # Then the uplink was tried before, and not again
    late = [
        delivery
        for delivery in deliveries(lab.history.events, doomed.route)
        if before.id in delivery.ids and delivery.delivered
    ]
    lab.judge(
        Verdict(
            "nothing after delete",
            "failed" if late else "passed",
            1,
            "what waits when a connection is deleted goes with it",
            f"{before.id} was delivered {len(late)} times after DELETE" if late else "it was dropped",
            "forwarder" if late else None,
            ids=(before.id,) if late else (),
            requirement=proves,
        )
    )
