"""Answers that do not come whole: nobody can know whether the uplink was taken, so it is sent again, and never lost."""

from typing import Any

import pytest

from uplab.fakes.faults import Action, Fault, HalfAnswer, Nth, ResetAfterBody, ResetBeforeBody
from uplab.scenarios import Faults, Lab, LabDevice, deliveries
from uplab.scenarios.checks import checks
from uplab.scenarios.suites.common.destination import connect_bin
from uplab.scenarios.suites.common.several import await_success, judge_several

pytestmark = [pytest.mark.needs("http"), pytest.mark.delivery]

HALF_A_HEAD = len("HTTP/1.1 200 OK\r\nContent-Type")


@pytest.mark.requirement("HTTP-16.c")
def test_uplink_without_a_whole_answer_is_sent_again(
    lab: Lab, faults: Faults, device: LabDevice, soon: dict[str, Any]
) -> None:
    """Cut off after the body, or in the head of the answer: the uplink is repeated until it is answered, no longer."""
    cuts: dict[str, Action] = {
        "/cut-after-the-body": ResetAfterBody(),
        "/cut-after-taking-it": ResetAfterBody(handled=True),
        "/cut-within-the-answer": HalfAnswer(HALF_A_HEAD),
    }
    faults.plan(*(Fault(path.strip("/"), Nth(1), action, only=path) for path, action in cuts.items()))
    connections = [connect_bin(lab, path, device, **soon) for path in cuts]

    sent = [device.send()]
    await_success(lab, sent, *(connection.route for connection in connections))
    sent += lab.barrier(device)
    await_success(lab, sent, *(connection.route for connection in connections))

    judge_several(lab, sent, *connections)
    for connection in connections:
        tries = [d for d in deliveries(lab.history.events, connection.route) if sent[0].id in d.ids]
        lab.expect_seen(
            "after an unclear answer it is repeated once", len(tries), {"most": 2}, f"{connection.route}: {len(tries)}"
        )


@pytest.mark.requirement("HTTP-16.c")
def test_uplink_cut_off_on_its_way_is_sent_again(
    lab: Lab, faults: Faults, device: LabDevice, soon: dict[str, Any]
) -> None:
    """A connection that the destination resets before it has read the body costs no uplink."""
    faults.plan(Fault("cut", Nth(1), ResetBeforeBody()))
    connection = connect_bin(lab, "/cut-before-the-body", device, **soon)

    sent = [device.send(), device.send()]
    await_success(lab, sent, connection.route)

    judge_several(lab, sent, connection)


@pytest.mark.requirement("HTTP-16.c")
@pytest.mark.needs("metrics")
def test_half_a_success_is_no_delivery(lab: Lab, faults: Faults, device: LabDevice, soon: dict[str, Any]) -> None:
    """An answer that breaks off after its status line 200, within its head, counts as a failed delivery."""
    faults.plan(Fault("cut", Nth(1), HalfAnswer(HALF_A_HEAD)))
    connection = connect_bin(lab, "/half", device, **soon)

    sent = [device.send()]
    await_success(lab, sent, connection.route)

    judge_several(lab, sent, connection)
    wanted = {"uplinks": 1, "uplinksDelivered": 1, "uplinksFailed": 1, "uplinksLost": 0}
    lab.poll(
        lambda: lab.api.request("GET", f"/connections/{connection.id}/metrics").json()["lastHour"],
        {f"/{name}": {"is": count} for name, count in wanted.items()},
        awaited=f"the counters {wanted}",
    )


@pytest.mark.requirement("HTTP-16.b")
def test_closed_idle_connection_loses_nothing(
    lab: Lab, faults: Faults, device: LabDevice, soon: dict[str, Any]
) -> None:
    """A destination that closes after each answer is no failing one: every uplink arrives once, and at once."""
    faults.plan(Fault("close", Nth(2), HalfAnswer(1_000_000)))  # the whole answer, then a close
    connection = connect_bin(lab, "/closing", device, **soon)

    sent = [device.send() for _ in range(4)]
    await_success(lab, sent, connection.route)

    judge_several(lab, sent, connection)
    at_once_s = 0.9 * soon["blamePeriod"]  # who had taken the close for a failure would have waited for the period
    lab.judge(checks.within(lab.history.events, [one.id for one in sent], connection.route, limit_s=at_once_s))
