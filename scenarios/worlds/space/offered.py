"""Which dimensions, and which values of each, a profile declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from uplab.scenarios.worlds.space.dimensions import DIMENSIONS, Dimension
from uplab.scenarios.worlds.space.faults import FINE, status_of
from uplab.scenarios.worlds.space.refusals import REFUSALS
from uplab.scenarios.worlds.space.taken import TAKEN

if TYPE_CHECKING:
    from uplab.scenarios.under_test.profile import Profile

__all__ = ["CONNECTORS", "offered", "ways_again"]

_SOON_S: Final = 10.0  # for two attempts more
_LONGEST_S: Final = 20.0  # CONTRACT 4: at most so long an answer is awaited

CONNECTORS: Final = {
    "widgelix": "widgelix",
    "mqtt": "thingsboard",
    "mqtts": "thingsboard",
    "rest": "thingsboard",
    "broker": "mqtt",
}
"""The feature of a profile that a destination needs, where it is not `http`."""
_BESIDE: Final = ("life beside", "trouble beside", "fault beside", "command")


def offered(profile: Profile) -> tuple[Dimension, ...]:
    """The dimensions, and the values of each, that a profile declares."""
    features = profile.features.model_dump()
    declared = {name for name, value in features.items() if value}
    declared |= ways_again(profile)
    found = []
    for one in DIMENSIONS:
        if not declared.issuperset(one.needs):
            continue
        values = {name: value for name, value in one.values.items() if _has(one, name, value, declared)}
        if one.name == "fault":
            values = {name: value for name, value in values.items() if _waits(name, profile)}
        found.append(Dimension(one.name, one.of, values, one.source, one.needs, one.heavy))
    return tuple(found)


def ways_again(profile: Profile) -> set[str]:
    """In words of `needs`, how a profile tries again what has failed: blame, strict.

    `again` where it does so soon, `patient` where it keeps what it cannot deliver until it can.
    """
    kind, policy = profile.choices.failure_generation, profile.policy
    if kind == "blame":
        return {"blame", "again", "patient"}
    if kind == "strict-resend":
        return {"strict", "again", "patient"}
    if kind != "own" or policy.patience_s(2) > _SOON_S:
        return set()
    return {"again"} if policy.attempts or policy.end_s is not None else {"again", "patient"}


def _waits(name: str, profile: Profile) -> bool:
    """Whether what fails in this way is over within seconds, by the policy of the profile."""
    if profile.choices.failure_generation == "strict-resend" and name not in FINE:
        return status_of(name) is not None  # without an answer the reconnect strategy decides, after minutes
    return name != "hang" or profile.policy.timeout_s <= _LONGEST_S


def _has(dimension: Dimension, name: str, value: Any, declared: set[str]) -> bool:
    if dimension.name == "beside":
        return all(CONNECTORS.get(to, "http") in declared for to in value)
    if dimension.name in _BESIDE and value is not None:
        fine = CONNECTORS[value.to] in declared
        return fine and declared.issuperset({"options"} if value.what == "deactivate" else value.needs)
    if dimension.of.startswith("refusal") and value is not None:
        return declared.issuperset(REFUSALS[name].needs)
    if dimension.name == "taken body" and value is not None:
        return declared.issuperset(TAKEN[name].needs)
    return True
