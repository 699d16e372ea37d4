"""Waiting for success, and judging uplinks that go to several connections at once."""

from collections.abc import Sequence
from typing import Protocol

from uplab.scenarios import CheckUnknown, Lab, LabConnection, Route, Sent, Verdict
from uplab.scenarios.checks import checks
from uplab.scenarios.lab.witness import witness_routes as routes_of_witnesses
from uplab.scenarios.under_test.promise.way_in import open_reading

__all__ = [
    "await_arrival",
    "await_success",
    "expect_accepted",
    "judge_several",
    "verdicts_of_several",
    "witness_routes",
]


class _Known(Protocol):
    """What has an id in the history."""

    @property
    def id(self) -> str: ...


def await_success(lab: Lab, sent: Sequence[_Known], *to: Route, after_s: float = 0.0) -> None:
    """Waits until each destination has taken each uplink, or the time is up; the checks say what is missing.

    `after_s` is what has to pass before, by what was configured: a blame period, pauses between attempts.
    """
    lab.await_taken(sent, *to, after_s=after_s)


def await_arrival(lab: Lab, to: Route) -> bool:
    """Waits until a first request has come there, answered or not; whether one has."""
    limit_s = lab.deadlines.delivery_s
    return bool(lab.history.wait_for(lambda e: e.hop == "destination.arrived" and to.takes(e.facts), timeout_s=limit_s))


def expect_accepted(lab: Lab, *sent: Sent) -> None:
    """Judges that the forwarder took what a network server may send; else nothing could be lost, and nothing proven.

    CheckUnknown where the token of what it refused has two readings, of which its profile names none.
    """
    whys = [open_reading(lab.options, one.document, one.status) for one in sent if one.outcome == "refused"]
    if whys and all(whys):
        raise CheckUnknown(str(whys[0]))
    refused = [f"{one.id}: {one.status} {one.reason}" for one in sent if one.outcome == "refused"]
    lab.expect_seen(
        "a right document is accepted", refused, {"empty": True}, "; ".join(refused) or f"{len(sent)} accepted"
    )


def witness_routes(lab: Lab) -> list[Route]:
    """Where barriers, and connections that get everything, have led the uplinks as well."""
    return [*routes_of_witnesses(lab.profile, lab.witnesses), *lab.shared]


def verdicts_of_several(lab: Lab, sent: Sequence[Sent], *connections: LabConnection) -> list[Verdict]:
    """The whole battery for uplinks that each of the connections should have delivered."""
    events, ids = lab.history.events, [one.id for one in sent]
    routes = [connection.route for connection in connections]
    battery: list[checks.Check] = []
    for route in routes:
        battery += lab.delivery_checks(ids, route)
    battery.append(checks.RightPlace(ids, routes[0], [*routes[1:], *witness_routes(lab)]))
    return checks.judged(events, battery)


def judge_several(lab: Lab, sent: Sequence[Sent], *connections: LabConnection, proves: str | None = None) -> None:
    """Judges that each of the connections delivered each uplink once, in order and unaltered, and nowhere else."""
    verdicts = verdicts_of_several(lab, sent, *connections)
    lab.judge(*(verdict.proving(proves) if proves else verdict for verdict in verdicts))
