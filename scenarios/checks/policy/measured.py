"""How a forwarder was seen to deliver: the facts of a datasheet, measured on the wire, whatever it declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from uplab.scenarios.checks.deliveries import deliveries
from uplab.scenarios.checks.policy.tries import Tries, Try
from uplab.scenarios.history.history import Event

__all__ = ["Measured", "measure"]


@dataclass(slots=True)
class Measured:
    """Sums and extremes over deliveries, so that those of many scenarios add up. Answers are statuses as texts, or
    "none"; times are seconds."""

    failures: int = 0
    """Attempts that were not taken."""
    repeated: int = 0
    """Of them, those that were followed by another attempt of the same document."""
    most_attempts: int = 0
    shortest_pause_s: float | None = None
    longest_pause_s: float | None = None
    longest_wait_s: float | None = None
    """How long an answer was awaited that never came."""
    repeated_after: set[str] = field(default_factory=set)
    ended_after: set[str] = field(default_factory=set)
    """Answers after which a document was not tried again while it was watched."""
    missed: bool = False
    """Whether a scenario has failed in which deliveries failed: it waited for another attempt, and long enough."""

    def add(self, other: Measured) -> None:
        """What was seen besides."""
        self.failures += other.failures
        self.repeated += other.repeated
        self.most_attempts = max(self.most_attempts, other.most_attempts)
        for name, extreme in (("shortest_pause_s", min), ("longest_pause_s", max), ("longest_wait_s", max)):
            found = [value for value in (getattr(self, name), getattr(other, name)) if value is not None]
            setattr(self, name, extreme(found) if found else None)
        self.repeated_after |= other.repeated_after
        self.ended_after |= other.ended_after
        self.missed = self.missed or other.missed

    def as_data(self) -> dict[str, Any]:
        """Plain data for a record."""
        return {name: sorted(value) if isinstance(value, set) else value for name, value in asdict(self).items()}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Measured:
        """What `as_data` gave."""
        found = cls()
        for one in fields(cls):
            if one.name in data:
                value = data[one.name]
                setattr(found, one.name, set(value) if isinstance(value, list) else value)
        return found

    @property
    def never_again(self) -> bool:
        """Whether something failed, and nothing that failed was ever tried again."""
        return self.failures > 0 and not self.repeated

    @property
    def given_up(self) -> bool:
        """Whether that is more than a scenario's end: many end before a right forwarder would try again."""
        return self.never_again and self.missed

    def rows(self) -> list[tuple[str, str]]:
        """The datasheet: what was measured, in words; empty where nothing failed."""
        if not self.failures:
            return []
        rows = [("attempts that failed", str(self.failures)), ("of them tried again", str(self.repeated))]
        if self.repeated:
            rows.append(("attempts of one document", f"up to {self.most_attempts}"))
        if self.shortest_pause_s is not None and self.longest_pause_s is not None:
            rows.append(("pause before the next", f"{self.shortest_pause_s:.2f} to {self.longest_pause_s:.2f} s"))
        if self.repeated_after:
            rows.append(("tried again after", _answers(self.repeated_after)))
        if only := self.ended_after - self.repeated_after:
            rows.append(("never seen again after", _answers(only)))
        if self.longest_wait_s is not None:
            rows.append(("an answer was awaited for", f"up to {self.longest_wait_s:.1f} s"))
        return rows


def _answers(answers: Iterable[str]) -> str:
    return ", ".join("no answer" if one == "none" else one for one in sorted(answers))


def measure(events: Iterable[Event]) -> Measured:
    """What one history shows; deliveries of HTTP only, whose answers say what they are."""
    found = Measured()
    by_place: dict[tuple[str, str], list[Any]] = {}
    for delivery in deliveries(events):
        if delivery.arrived.hop == "destination.arrived" and delivery.ids:
            facts = delivery.arrived.facts
            by_place.setdefault((str(facts["fake"]), str(facts["url"]).partition("?")[0]), []).append(delivery)
    for here in by_place.values():
        for tries in Tries.among(here).of.values():
            _measure(found, tries)
    return found


def _measure(found: Measured, tries: list[Try]) -> None:
    found.most_attempts = max(found.most_attempts, len(tries))
    for one, then in zip(tries, [*tries[1:], None], strict=True):
        if not one.failed:
            continue
        answer = str(one.status) if one.status is not None else "none"
        found.failures += 1
        ended_s = one.ended_s or one.begun_s
        if one.status is None and ended_s - one.begun_s > 1:
            found.longest_wait_s = max(found.longest_wait_s or 0.0, round(ended_s - one.begun_s, 3))
        if then is None:
            found.ended_after.add(answer)
            continue
        found.repeated += 1
        found.repeated_after.add(answer)
        pause_s = round(max(0.0, then.begun_s - ended_s), 3)
        found.shortest_pause_s = min(pause_s, found.shortest_pause_s if found.shortest_pause_s is not None else pause_s)
        found.longest_pause_s = max(pause_s, found.longest_pause_s or 0.0)
