"""Every attempt to deliver a document to one place, in the order of arrival, with the answer that it got."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from uplab.scenarios.checks.deliveries import Delivery

__all__ = ["Tries", "Try"]


@dataclass(slots=True)
class Try:
    """One attempt. Times are monotonic seconds; `status` is None where no head of an answer was written whole."""

    delivery: Delivery

    @property
    def begun_s(self) -> float:
        """When it arrived."""
        return self.delivery.arrived.monotonic_s

    @property
    def ended_s(self) -> float | None:
        """When it was answered, or its connection ended; None while it is open."""
        return self.delivery.answered.monotonic_s if self.delivery.answered is not None else None

    @property
    def status(self) -> int | None:
        """What it was answered."""
        if self.delivery.answered is None:
            return None
        facts = self.delivery.answered.facts
        whole = facts.get("written") or facts.get("headed")
        return int(facts["status"]) if whole and facts.get("status") else None

    @property
    def taken(self) -> bool:
        """Whether the forwarder may call it delivered."""
        return self.delivery.told

    @property
    def failed(self) -> bool:
        """Whether it is over, and nothing was delivered."""
        return self.delivery.answered is not None and not self.taken

    @property
    def how(self) -> str:
        """What became of it, in words."""
        if self.delivery.answered is None:
            return "not answered yet"
        if self.status is None:
            return "without an answer"
        whole = self.delivery.answered.facts.get("written")
        return f"answered {self.status}" + ("" if whole else " with a body that did not end")


class Tries:
    """Of each document, its attempts at one place."""

    def __init__(self) -> None:
        self.of: dict[str, list[Try]] = {}

    def add(self, delivery: Delivery) -> None:
        """An arrival, whose answer it may learn later."""
        one = Try(delivery)
        for id_ in dict.fromkeys(delivery.ids):
            self.of.setdefault(id_, []).append(one)

    @classmethod
    def among(cls, deliveries: Iterable[Delivery]) -> Tries:
        """Of deliveries that are over, or as far as they are."""
        tries = cls()
        for delivery in deliveries:
            tries.add(delivery)
        return tries
