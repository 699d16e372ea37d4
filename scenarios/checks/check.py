"""A check is a fold: it sees the lines of a history one by one, and can say at any time what follows from them.

What it keeps is bounded by what it was asked and by what is under way, never by the length of the history. Its name,
promise, sources and advice are data beside it, and with its question a stored history can be judged again, by the same
rule or a newer one.
"""

import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any, ClassVar

from uplab.scenarios.checks.deliveries import ANSWERS, ARRIVALS, Arrivals, Delivery, Route
from uplab.scenarios.checks.verdict import Outcome, Verdict
from uplab.scenarios.history.history import Event

__all__ = ["CHECKS", "RENAMED", "SENT", "Check", "DeliveryCheck", "Question", "judged", "judged_alone"]

Question = dict[str, Any]
"""The name of a check, the number of the last event that it saw, and its parameters:
{"check": "none lost", "until": 57, "ids": [...], "to": {"fake": ..., "path": ...}}."""

CHECKS: dict[str, type["Check"]] = {}
"""Every check that can be asked again, by its name."""

RENAMED = {"promise": "answered"}
"""What a check is called now, by the name under which older runs have asked it."""

SENT = frozenset({"device.sent", "network.document"})
"""The hops that say whose a document is."""


class Check(ABC):
    """One promise, as a fold over the history.

    `hops` are the lines that it wants to see, `source` the rows of the catalogue and the sections of CONTRACT.md that
    say so.
    """

    name: ClassVar[str]
    promise: ClassVar[str]
    source: ClassVar[tuple[str, ...]]
    advice: ClassVar[str | None] = None
    asks: ClassVar[str] = ""
    """What it asks of the history, in words; `asked` says it as data."""
    hops: ClassVar[frozenset[str]]
    own: ClassVar[bool] = False
    """Whether it is an author's own, and none of uplab's."""

    def __init_subclass__(cls) -> None:
        """A check with a name of its own can be asked by it."""
        if "name" in vars(cls):
            CHECKS[cls.name] = cls

    @abstractmethod
    def see(self, event: Event) -> None:
        """Takes in one more line, in the order of the history."""

    @abstractmethod
    def verdict(self) -> Verdict:
        """What follows from all that was seen so far."""

    @abstractmethod
    def asked(self) -> dict[str, Any]:
        """What was asked, as plain data: the parameters by which the check is made again."""

    @property
    def promised(self) -> str:
        """The promise in this case."""
        return self.promise

    def says(
        self,
        outcome: Outcome,
        examined: int,
        happened: str,
        *,
        hop: str | None = None,
        advice: str | None = None,
        ids: Sequence[str] = (),
    ) -> Verdict:
        """A verdict of this check."""
        return Verdict(self.name, outcome, examined, self.promised, happened, hop, advice, tuple(ids))

    def broken(self, examined: int, happened: str, ids: Sequence[str] = (), *, advice: str | None = None) -> Verdict:
        """The forwarder broke the promise."""
        return self.says("failed", examined, happened, hop="forwarder", advice=advice or self.advice, ids=ids)


class DeliveryCheck(Check):
    """A check of what one connection should have delivered: it hears of each arrival there, and of its answer."""

    hops = ARRIVALS | ANSWERS

    def __init__(self, ids: Sequence[str], to: Route) -> None:
        self.ids = list(ids)
        self.to = to
        self._arrivals = self._watched()

    def _watched(self) -> Arrivals:
        return Arrivals(self.to)

    def see(self, event: Event) -> None:
        """Sorts the lines of a history."""
        delivery = self._arrivals.see(event)
        if delivery is None:
            self.beside(event)
        elif delivery.answered is None:
            self.arrived(delivery)
        else:
            self.answered(delivery)

    def arrived(self, delivery: Delivery) -> None:
        """Something has arrived."""

    def answered(self, delivery: Delivery) -> None:
        """It was answered."""

    def beside(self, event: Event) -> None:
        """Any other line."""

    def asked(self) -> dict[str, Any]:
        """Which documents should have arrived where."""
        return {"ids": self.ids, "to": asdict(self.to)}

    def none_arrived(self) -> Verdict:
        """Nothing was seen of them."""
        return self.says("unknown", 0, f"none of the {len(self.ids)} uplinks arrived at {self.to}")


def judged(events: Iterable[Event], checks: Sequence[Check], *, until: Sequence[int] | None = None) -> list[Verdict]:
    """What each check says of a history, which is read once for all of them.

    `until` gives for each the number of the last event that it is to see. A check that raises is an error of the
    harness; the others go on.
    """
    limits = list(until) if until is not None else [sys.maxsize] * len(checks)
    by_hop: dict[str, list[tuple[int, int, Check]]] = {}
    for index, check in enumerate(checks):
        for hop in check.hops:
            by_hop.setdefault(hop, []).append((limits[index], index, check))
    raised: dict[int, str] = {}
    last = 0
    for event in events:
        last = event.seq
        for limit, index, check in by_hop.get(event.hop, ()):
            if event.seq <= limit and index not in raised:
                try:
                    check.see(event)
                except Exception as error:  # noqa: BLE001 - whatever it is, no forwarder has failed by it
                    raised[index] = f"at event {event.seq}, {event.hop}: {error!r}"
    ends = limits if until is not None else [last] * len(checks)
    return [_said(check, raised.get(index), ends[index]) for index, check in enumerate(checks)]


def _said(check: Check, raised: str | None, until: int) -> Verdict:
    question = {"check": check.name, "until": until}
    if raised is None:
        try:
            return replace(check.verdict(), question={**question, **check.asked()})
        except Exception as error:  # noqa: BLE001 - as above
            raised = repr(error)
    happened = f"the check itself broke, which says nothing about the forwarder: {raised}"
    return Verdict(check.name, "error", 0, check.promise, happened, "check", "report it with the run's folder")


def judged_alone(events: Iterable[Event], check: Check) -> Verdict:
    """What one check says of a history."""
    [verdict] = judged(events, [check])
    return verdict
