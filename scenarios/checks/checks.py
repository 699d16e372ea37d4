"""Every check by its name, and each to be asked alone of a history that is there.

The words are the design's: *accepted* is a 2xx of the forwarder, fully read; *delivered* is a 2xx of the destination,
fully written, or its PUBACK sent. What was accepted is delivered exactly once; what was refused, never; a repeat is
allowed only after an unclear answer of the destination.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from uplab.scenarios.checks.asked.answers import Answered, Awaited
from uplab.scenarios.checks.asked.arrived import Carries, NoneArrives, Posts, Tried, WithoutHeaders
from uplab.scenarios.checks.asked.downlinks import Downlinks, NoDownlink
from uplab.scenarios.checks.asked.handed import HandedOn, Reported
from uplab.scenarios.checks.asked.links import OneLink
from uplab.scenarios.checks.asked.on_the_air import OnTheAir
from uplab.scenarios.checks.asked.planned import AsPlanned
from uplab.scenarios.checks.asked.resources import RightResources
from uplab.scenarios.checks.asked.seen import Seen, Stepped
from uplab.scenarios.checks.asked.shown import Shows, Unchanged
from uplab.scenarios.checks.check import CHECKS, Check, judged, judged_alone
from uplab.scenarios.checks.deliveries import Delivery, Route, deliveries
from uplab.scenarios.checks.in_order import InOrder
from uplab.scenarios.checks.none_lost import NoneLost
from uplab.scenarios.checks.none_twice import NoneTwice
from uplab.scenarios.checks.policy.as_declared import AsDeclared
from uplab.scenarios.checks.right_headers import RightHeaders
from uplab.scenarios.checks.right_place import RightPlace
from uplab.scenarios.checks.same_trace import SameTrace
from uplab.scenarios.checks.unaltered import Unaltered
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.checks.within import Within
from uplab.scenarios.history.history import Event

__all__ = [
    "CHECKS",
    "Answered",
    "AsDeclared",
    "AsPlanned",
    "Awaited",
    "Carries",
    "Check",
    "Delivery",
    "Downlinks",
    "HandedOn",
    "InOrder",
    "NoDownlink",
    "NoneArrives",
    "NoneLost",
    "NoneTwice",
    "OnTheAir",
    "OneLink",
    "Posts",
    "Reported",
    "RightHeaders",
    "RightPlace",
    "RightResources",
    "Route",
    "SameTrace",
    "Seen",
    "Shows",
    "Stepped",
    "Tried",
    "Unaltered",
    "Unchanged",
    "Within",
    "WithoutHeaders",
    "deliveries",
    "in_order",
    "judged",
    "none_lost",
    "none_twice",
    "right_headers",
    "right_place",
    "unaltered",
    "within",
]

Events = Iterable[Event]
Ids = Sequence[str]


def none_lost(events: Events, ids: Ids, to: Route) -> Verdict:
    """NoneLost, asked alone."""
    return judged_alone(events, NoneLost(ids, to))


def none_twice(events: Events, ids: Ids, to: Route) -> Verdict:
    """NoneTwice, asked alone."""
    return judged_alone(events, NoneTwice(ids, to))


def in_order(events: Events, ids: Ids, to: Route) -> Verdict:
    """InOrder, asked alone."""
    return judged_alone(events, InOrder(ids, to))


def unaltered(events: Events, ids: Ids, to: Route) -> Verdict:
    """Unaltered, asked alone."""
    return judged_alone(events, Unaltered(ids, to))


def right_place(events: Events, ids: Ids, to: Route, also: Sequence[Route] = ()) -> Verdict:
    """RightPlace, asked alone."""
    return judged_alone(events, RightPlace(ids, to, also))


def right_headers(events: Events, ids: Ids, to: Route, expected: Mapping[str, Callable[[str], str]]) -> Verdict:
    """RightHeaders, asked alone."""
    return judged_alone(events, RightHeaders(ids, to, expected))


def within(events: Events, ids: Ids, to: Route, *, limit_s: float) -> Verdict:
    """Within, asked alone."""
    return judged_alone(events, Within(ids, to, limit_s=limit_s))
