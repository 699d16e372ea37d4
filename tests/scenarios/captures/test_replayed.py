from __future__ import annotations

from uplab.fakes.faults import Delay, Hang, Nth, ResetAfterBody, Status, from_data
from uplab.scenarios.captures.capture import Exchange
from uplab.scenarios.captures.replayed import fault_plan


def one(status: int | None = 200, wait_ms: float | None = 20.0, error: str = "") -> Exchange:
    return Exchange("it", b"{}", status=status, wait_ms=wait_ms, error=error)


def test_answers_become_faults_at_their_place() -> None:
    answers = [one(), one(503, 6200.0), one(404), one(0, None, "net::ERR_CONNECTION_RESET"), one(200, 3000.0)]
    answers += [one(0, 20_000.0, "net::ERR_TIMED_OUT"), one(None, None)]

    plan = [from_data(data) for data in fault_plan(answers)]

    assert [(fault.trigger, fault.action) for fault in plan] == [
        (Nth(2), Delay(6.2, Status(503))),
        (Nth(3), Status(404)),
        (Nth(4), ResetAfterBody()),
        (Nth(5), Delay(3.0)),
        (Nth(6), Hang()),
    ]
