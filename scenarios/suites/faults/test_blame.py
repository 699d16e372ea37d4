"""blamePeriod: after a failed delivery nothing is tried for so many seconds, then it goes on with what failed."""

import math
from typing import Any

import pytest

from uplab.fakes.faults import Always, Fault, FirstN, Nth, Status
from uplab.scenarios import Faults, Lab, LabDevice, Route, Verdict, deliveries
from uplab.scenarios.checks import checks
from uplab.scenarios.suites.common.destination import connect_bin
from uplab.scenarios.suites.common.several import await_success, judge_several, verdicts_of_several

pytestmark = [pytest.mark.needs("http"), pytest.mark.generation("blame"), pytest.mark.usefixtures("blame")]

TIMER_S = 0.02  # how much too early a timer may fire without being wrong


def blame_kept(lab: Lab, to: Route, period_s: float) -> Verdict:
    """No delivery starts before the period has passed since the last failed one ended."""
    promised = f"after a failed delivery none is tried for {period_s:g} s"
    until_s, failures, early = 0.0, 0, []
    for delivery in deliveries(lab.history.events, to):
        if delivery.arrived.monotonic_s < until_s - TIMER_S:
            early.append((delivery.ids, round(until_s - delivery.arrived.monotonic_s, 3)))
        if delivery.answered is not None and not delivery.delivered:
            failures += 1
            # Counted from the request, because the forwarder may have the answer before the fake has noted it.
            until_s = delivery.arrived.monotonic_s + period_s
    if not failures:
        return Verdict("blame period", "unknown", 0, promised, "no delivery failed")
    if early:
        happened = f"{', '.join(early[0][0])} was tried {early[0][1]:g} s too early"
        ids = tuple(id_ for ids, _ in early for id_ in ids)
        return Verdict("blame period", "failed", failures, promised, happened, "forwarder", None, ids)
    return Verdict("blame period", "passed", failures, promised, f"{failures} failures, each followed by the period")


def failed_goes_first(lab: Lab, to: Route, failed: str) -> Verdict:
    """The delivery after the failed one is the same document."""
    promised = "what failed is the first to be tried again"
    tried = [id_ for delivery in deliveries(lab.history.events, to) for id_ in delivery.ids]
    kept = tried[:2] == [failed, failed]
    happened = f"tried in this order: {', '.join(tried[:6])}"
    return Verdict(
        "blame order", "passed" if kept else "failed", len(tried), promised, happened, None if kept else "forwarder"
    )


@pytest.mark.requirement("HTTP-08.b", "HTTP-08.a", "HTTP-16.a")
def test_failed_uplinks_go_out_in_order_after_the_blame_period(
    lab: Lab, faults: Faults, devices: list[LabDevice]
) -> None:
    """After a 503 nothing is tried for blamePeriod; then each uplink arrives once, the failed one first, in order."""
    # Given a destination that refuses once, and a period that no lower limit can be mistaken for
    faults.plan(Fault("refused", Nth(1), Status(503)))
    connection = connect_bin(lab, "/blame", *devices, blamePeriod=2)

    # When one uplink is refused, and all devices send meanwhile
    failed = devices[0].send()
    faults.happened()
    sent = [failed, *(device.send() for _ in range(2) for device in devices)]
    await_success(lab, sent, connection.route, after_s=2)

    # Then
    lab.judge(
        blame_kept(lab, connection.route, 2.0).proving("HTTP-08.a"),
        failed_goes_first(lab, connection.route, failed.id),
        *(
            verdict.proving("HTTP-08.b" if verdict.check == "in order" else "HTTP-16.a")
            for verdict in verdicts_of_several(lab, sent, connection)
        ),
    )


@pytest.mark.requirement("HTTP-16.a", "HTTP-08.a")
def test_each_failure_begins_a_new_blame_period(lab: Lab, faults: Faults, device: LabDevice) -> None:
    """A destination that refuses twice is left alone for two periods; nothing is given up, nothing comes twice."""
    faults.plan(Fault("refused", FirstN(2), Status(500)))
    connection = connect_bin(lab, "/blame-again", device, blamePeriod=1)

    sent = [device.send(), device.send()]
    await_success(lab, sent, connection.route, after_s=2)

    lab.judge(blame_kept(lab, connection.route, 1.0).proving("HTTP-08.a"), *verdicts_of_several(lab, sent, connection))


@pytest.mark.needs("clock")
@pytest.mark.requirement("HTTP-08.c", "HTTP-08.e")
def test_blame_period_is_thirty_seconds_when_absent(
    lab: Lab, faults: Faults, device: LabDevice, fifteen_times: float
) -> None:
    """Without blamePeriod the next attempt comes later than with 29 s, and earlier than with 31 s."""
    periods: dict[str, dict[str, Any]] = {"29": {"blamePeriod": 29}, "absent": {}, "31": {"blamePeriod": 31}}
    faults.plan(*(Fault(f"refused {name}", Nth(1), Status(503), only=f"/blame-{name}") for name in periods))
    connections = {name: connect_bin(lab, f"/blame-{name}", device, **given) for name, given in periods.items()}

    sent = [device.send()]
    await_success(lab, sent, *(one.route for one in connections.values()), after_s=31 / fifteen_times)

    judge_several(lab, sent, *connections.values(), proves="HTTP-08.e")
    waited_s = {}
    for name, connection in connections.items():
        first, second = deliveries(lab.history.events, connection.route)[:2]
        waited_s[name] = round((second.arrived.monotonic_s - first.arrived.monotonic_s) * fifteen_times, 2)
    kept = waited_s["29"] < waited_s["absent"] < waited_s["31"]
    lab.expect("30 s pass before the next attempt", kept, f"seconds of schedule: {waited_s}", check="timing")


@pytest.mark.requirement("HTTP-16.a", "HTTP-08.a")
def test_every_answer_but_2xx_is_a_failure(lab: Lab, faults: Faults, device: LabDevice) -> None:
    """400, 401, 404 and 500 are failed deliveries alike: the uplink is kept and goes out after the period."""
    codes = (400, 401, 404, 500)
    faults.plan(*(Fault(f"answer {code}", Nth(1), Status(code), only=f"/answer-{code}") for code in codes))
    connections = [connect_bin(lab, f"/answer-{code}", device, blamePeriod=1) for code in codes]

    sent = [device.send()]
    await_success(lab, sent, *(connection.route for connection in connections), after_s=1)

    judge_several(lab, sent, *connections)
    lab.judge(*(blame_kept(lab, connection.route, 1.0).proving("HTTP-08.a") for connection in connections))


@pytest.mark.requirement("HTTP-16.b")
def test_every_2xx_is_a_delivery(lab: Lab, faults: Faults, device: LabDevice) -> None:
    """200, 201, 202 and 204 all mean delivered: the uplink is not sent again, and the next one follows."""
    codes = (200, 201, 202, 204)
    faults.plan(*(Fault(f"answer {code}", Always(), Status(code), only=f"/answer-{code}") for code in codes))
    period_s = lab.deadlines.isolation_s  # longer than any delivery that no period delays
    connections = [connect_bin(lab, f"/answer-{code}", device, blamePeriod=math.ceil(period_s)) for code in codes]

    sent = [device.send(), *lab.barrier(device)]
    await_success(lab, sent, *(connection.route for connection in connections))

    judge_several(lab, sent, *connections)
    ids = [one.id for one in sent]
    lab.judge(*(checks.within(lab.history.events, ids, c.route, limit_s=period_s) for c in connections))
