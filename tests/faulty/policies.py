"""Forwarders that declare a policy of delivery and depart from one row of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from tests.faulty import policy_forwarder
from tests.faulty.known_bad import Catalogue, Kill, KnownBad
from tests.faulty.policy_forwarder import POLICY

__all__ = ["BAD", "depart", "profile_text", "right_one"]

BAD = Catalogue()

_AGAIN = "delivery/test_again.py::test_"
_REFUSED = f"{_AGAIN}refused_uplink_is_tried_as_declared"
_GIVEN_UP = f"{_AGAIN}uplink_is_given_up_as_declared"
_ARRIVAL = "delivery/test_arrival.py::test_"

_ROWS: tuple[tuple[str, str, str, str, str, Mapping[str, Any]], ...] = (
    ("once-more", "tries once more than it declares", "HTTP-16.a", _GIVEN_UP, "delivery policy", {}),
    ("once-less", "gives up one attempt too early", "HTTP-16.a", _REFUSED, "delivery policy", {}),
    ("in-a-hurry", "pauses less than it declares", "HTTP-16.a", _REFUSED, "delivery policy", {}),
    ("at-leisure", "pauses longer than it declares", "HTTP-16.a", _REFUSED, "delivery policy", {}),
    (
        "without-an-end",
        "goes on when the time of an uplink is over",
        "HTTP-16.a",
        _GIVEN_UP,
        "delivery policy",
        {"attempts": 0, "end_s": 1.5},
    ),
    (
        "patient",
        "awaits an answer for longer than it declares",
        "HTTP-19.a",
        f"{_AGAIN}answer_that_never_comes_is_given_up_as_declared",
        "timing",
        {},
    ),
    (
        "head-is-enough",
        "calls delivered what came without the end of its body, and declares that the time covers it",
        "HTTP-19.a",
        f"{_AGAIN}body_that_does_not_end_is_as_declared",
        "delivery policy",
        {},
    ),
    (
        "after-the-end",
        "tries again after an answer that is the end of an uplink",
        "HTTP-16.a",
        f"{_AGAIN}each_answer_leads_to_what_is_declared",
        "delivery policy",
        {},
    ),
    (
        "after-the-stop",
        "goes on after an answer that stops a connection",
        "HTTP-16.g",
        f"{_AGAIN}answer_that_stops_is_the_last",
        "delivery policy",
        {},
    ),
    (
        "deaf-to-retry-after",
        "tries again before Retry-After has passed",
        "HTTP-16.a",
        f"{_AGAIN}retry_after_is_waited_for",
        "delivery policy",
        {},
    ),
    (
        "in-no-order",
        "lets uplinks of a device overtake",
        "HTTP-15.a",
        f"{_ARRIVAL}order_is_as_declared",
        "in order",
        {},
    ),
    (
        "large-ones-too",
        "delivers what is larger than it declares",
        "HTTP-15.c",
        f"{_ARRIVAL}largest_body_is_as_declared",
        "seen",
        {},
    ),
    (
        "another-id",
        "gives each attempt an id of its own",
        "HTTP-12.a",
        f"{_AGAIN}id_of_a_document_is_its_own_and_stays",
        "promise",
        {},
    ),
    ("another-secret", "signs with another secret", "HTTP-05.a", f"{_AGAIN}signature_is_right", "promise", {}),
)
_MODELS = "a setting of the retries that is read, shown and not obeyed (webhook senders in general)"

for _name, _wrong, _row, _scenario, _check, _policy in _ROWS:
    BAD[f"policy-{_name}"] = KnownBad(
        f"policy-{_name}", _wrong, _MODELS, (Kill(_row, _scenario, _check),), lambda _: None, policy=_policy
    )


def _arguments(policy: Mapping[str, Any]) -> list[str]:
    return [word for name, value in policy.items() for word in ("--policy", f"{name}={json.dumps(value)}")]


def right_one(policy: Mapping[str, Any]) -> list[str]:
    """The module, and its arguments, of the forwarder that keeps this policy."""
    return ["tests.faulty.policy_forwarder", *_arguments(policy)]


def depart(bad: KnownBad) -> NoReturn:
    """Runs the one that departs."""
    policy_forwarder.main([*_arguments(bad.policy or {}), bad.name.removeprefix("policy-")])


def profile_text(policy: Mapping[str, Any]) -> str:
    """The profile that declares the policy, with what is altered of it."""
    declared = {name: value for name, value in (POLICY | dict(policy)).items() if value is not None}
    lines = [
        'name = "by its policy"',
        "contract = 2",
        "[features]",
        "api = true",
        "flows = true",
        "http = true",
        "[choices]",
        'ingress_auth = "none"',
        "[delivery]",
        *(f"{name} = {json.dumps(value)}" for name, value in declared.items()),
    ]
    return "\n".join(lines) + "\n"
