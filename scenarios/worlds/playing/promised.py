"""What the policy of a profile promises of each request: an id that is the document's own, and a signature."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.under_test.promise.signature import problem_of

if TYPE_CHECKING:
    from uplab.scenarios.history.event import Event
    from uplab.scenarios.lab.lab import Lab

__all__ = ["promised"]

_PLACE = "posthere"


def promised(lab: Lab, events: Iterable[Event], twice: Collection[str] = ()) -> Iterator[Verdict]:
    """The verdicts over what arrived of a world, as far as the profile promises such things; none where nothing did.

    Of what was accepted `twice` each acceptance has an id of its own.
    """
    policy = lab.profile.policy
    if policy.id_header is None and policy.signature is None:
        return
    arrived = [one for one in events if one.hop == "destination.arrived" and one.facts.get("fake") == _PLACE]
    arrived = [one for one in arrived if one.ids and one.facts.get("complete")]
    if arrived and policy.id_header is not None:
        yield _ids(policy.id_header.lower(), [one for one in arrived if one.ids[0] not in twice])
    if arrived and policy.signature is not None:
        now_s = time.time()
        problems = [
            problem_of(one.facts["headers"], one.raw or b"", lab.signing_secret, now_s=now_s) for one in arrived
        ]
        wrong = next((f"{one.ids[0]}: {why}" for one, why in zip(arrived, problems, strict=True) if why), None)
        yield _says("signed", "HTTP-05.a", "each delivery is signed", wrong, len(arrived))


def _ids(header: str, arrived: Iterable[Event]) -> Verdict:
    """At each place a value belongs to one document, and each document has one, in every attempt."""
    whose: dict[tuple[str, str], str] = {}
    given: dict[tuple[str, str], str] = {}
    wrong, count = None, 0
    for event in arrived:
        place, id_ = str(event.facts.get("url", "")).partition("?")[0], event.ids[0]
        values = [str(value) for name, value in event.facts["headers"] if str(name).lower() == header]
        value, count = values[0] if len(values) == 1 else f"{len(values)} of them", count + 1
        if given.setdefault((place, id_), value) != value:
            wrong = wrong or f"{id_} came with {given[place, id_]} and with {value}"
        elif len(values) != 1 or whose.setdefault((place, value), id_) != id_:
            wrong = wrong or f"{id_} came with {value}, which is not its own"
    return _says("id of a document", "HTTP-12.a", f"{header} is each document's own, in every attempt", wrong, count)


def _says(check: str, clause: str, promised: str, wrong: str | None, examined: int) -> Verdict:
    if wrong is None:
        return Verdict(check, "passed", examined, promised, f"{examined} as promised", requirement=clause)
    return Verdict(check, "failed", examined, promised, wrong[:600], "forwarder", requirement=clause)
