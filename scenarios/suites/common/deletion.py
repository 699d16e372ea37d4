"""DELETE while something waits: a twin that waits as long shows when it would have gone out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from uplab.fakes.faults import Fault, Nth, Status
from uplab.scenarios import Event, Faults, Lab, LabConnection, LabDevice, Route, Verdict, deliveries
from uplab.scenarios.checks.checks import none_lost
from uplab.scenarios.checks.verdict import Outcome
from uplab.scenarios.suites.common.destination import connect_bin
from uplab.scenarios.suites.common.several import await_success

__all__ = ["dropped", "judge_waiting_at_delete"]

TWIN = "/twin"


def judge_waiting_at_delete(
    lab: Lab, faults: Faults, doomed: LabConnection, device: LabDevice, soon: dict[str, Any], *, proves: str
) -> None:
    """What waits at the moment of DELETE is dropped, and nothing else: only the twin's uplink goes out again.

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

    lab.judge(dropped(lab.history.events, doomed.route, before.id).proving(proves))
    lab.judge(none_lost(lab.history.events, [sent.id], twin.route).proving(proves))


def dropped(events: Sequence[Event], to: Route, id_: str) -> Verdict:
    """What waited when its connection was deleted was not delivered; that it was tried before is no delivery."""
    promised = "what waits when a connection is deleted goes with it"
    found = [delivery for delivery in deliveries(events, to) if id_ in delivery.ids]
    late = [delivery for delivery in found if delivery.delivered]
    if late:
        happened = f"{id_} was delivered {len(late)} times after DELETE"
        return Verdict("nothing after delete", "failed", len(found), promised, happened, "forwarder", ids=(id_,))
    outcome: Outcome = "passed" if found else "unknown"
    return Verdict("nothing after delete", outcome, len(found), promised, f"tried {len(found)} times, and dropped")
