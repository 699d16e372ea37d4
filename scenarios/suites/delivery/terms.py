"""On which terms a connection of this suite delivers: its configuration, and the policy that follows from it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest

from uplab.scenarios import Lab, Route
from uplab.scenarios.checks.checks import AsDeclared, Check
from uplab.scenarios.checks.policy.declared import DeliveryPolicy
from uplab.scenarios.under_test.profile import Profile

__all__ = ["IN_FLIGHT_S", "Terms", "examples", "terms_of"]

_CLASS_EXAMPLES = {"1xx": (), "2xx": (), "3xx": (304,), "4xx": (400, 404, 422), "5xx": (500, 503)}
BLAME_S = 1
IN_FLIGHT_S = 0.5  # as AsDeclared has it: what begins so shortly after an answer was on its way


class Terms(NamedTuple):
    """The keys that a connection is given, and how it delivers with them."""

    configuration: dict[str, Any]
    policy: DeliveryPolicy

    def as_declared(self, lab: Lab, ids: Sequence[str], to: Route, *, retry_after_s: float = 0.0) -> Check:
        """The check of these attempts."""
        return AsDeclared(ids, to, policy=self.policy, late_s=lab.deadlines.attempt_s, retry_after_s=retry_after_s)

    def await_one_more(self, lab: Lab, ids: Sequence[str], *to: Route, failures: int) -> None:
        """Gives an attempt that nobody may make the time that it would take: what comes too late is seen by nobody."""
        begun_s = time.monotonic() + IN_FLIGHT_S
        lab.history.wait_for(
            lambda event: (
                event.hop == "destination.arrived"
                and event.monotonic_s > begun_s
                and not set(ids).isdisjoint(event.ids)
                and any(route.takes(event.facts) for route in to)
            ),
            timeout_s=IN_FLIGHT_S + self.policy.window(failures).most_s + lab.deadlines.attempt_s,
        )

    def after_s(self, lab: Lab, failures: int) -> float:
        """How long so many failures may delay a delivery; not applicable where that is longer than a scenario."""
        found_s = self.policy.patience_s(failures) + failures * lab.deadlines.attempt_s
        if found_s > lab.deadlines.scenario_s / 2:
            pytest.skip(f"{failures} failures take {found_s:g} s by what is declared, longer than a scenario may last")
        return found_s


def terms_of(profile: Profile) -> Terms | None:
    """None for the generation that closes."""
    kind, policy = profile.choices.failure_generation, profile.policy
    if kind == "strict-close":
        return None
    if kind == "blame":
        return Terms({"blamePeriod": BLAME_S}, policy.model_copy(update={"pauses_s": (float(BLAME_S),)}))
    return Terms({"strictMode": True} if kind == "strict-resend" else {}, policy)


def examples(answers: Sequence[str]) -> list[int]:
    """Statuses for each of these answers."""
    found = [(int(one),) if one.isdecimal() else _CLASS_EXAMPLES[one] for one in answers]
    return list(dict.fromkeys(status for group in found for status in group))
