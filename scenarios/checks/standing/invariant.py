"""A standing invariant: what no forwarder may break, whatever a scenario asks about."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.history import Event

__all__ = ["WHOLE_RUN", "Breach", "Invariant", "holds_document", "place_at", "session_of"]

WHOLE_RUN: Final = "the whole run"
"""What a standing invariant is asked of, in the question of its verdicts."""

Place = tuple[str, str]
"""A host and a path of HTTP; "mqtt" and the user of the session."""


@dataclass(frozen=True, slots=True)
class Breach:
    """One break, as it was seen on the wire. Its cause belongs to the scenario of `ids`, else of `device`.

    With `here` the scenario in whose time it happened is the cause: what broke is no document of any other.
    """

    happened: str
    ids: tuple[str, ...] = ()
    device: str | None = None
    here: bool = False


class Invariant(ABC):
    """One promise over the whole run, as a fold. What it keeps is bounded by what is under way and by devices."""

    name: ClassVar[str]
    promise: ClassVar[str]
    source: ClassVar[tuple[str, ...]]
    advice: ClassVar[str]
    asks: ClassVar[str]
    """What it asks of the history, in words."""

    def __init__(self) -> None:
        self.breaches: list[Breach] = []

    @abstractmethod
    def see(self, event: Event) -> None:
        """Takes in one more line."""

    def close(self) -> None:  # noqa: B027 - most have nothing to wait for
        """A scenario is over: what had to wait for all of it is judged."""

    def begin(self) -> None:  # noqa: B027 - most keep nothing of a scenario
        """The next one begins."""

    def take(self) -> list[Breach]:
        """What was found since the last time."""
        found, self.breaches = self.breaches, []
        return found

    def verdict(self, breaches: list[Breach]) -> Verdict:
        """What is said of breaches with one cause: the first of them, and how many there are."""
        more = f" (and {len(breaches) - 1} more like it)" if len(breaches) > 1 else ""
        ids = tuple(dict.fromkeys(id_ for breach in breaches[:8] for id_ in breach.ids))
        happened = breaches[0].happened + more
        question = {"check": self.name, "of": WHOLE_RUN}
        promised = f"{self.promise}, always"
        return Verdict(
            self.name, "failed", len(breaches), promised, happened, "forwarder", self.advice, ids, question=question
        )


_GATEWAYS = ("v1/", "v2/")  # what goes to ThingsBoard's topics says what an uplink measured, and is no document


def holds_document(event: Event) -> bool:
    """Whether what arrives is to be a whole document: a POST, or a message to a plain broker."""
    if event.hop == "destination.published":
        at_broker = event.facts.get("fake") == "broker"  # there every topic is the user's own
        return at_broker or not str(event.facts.get("topic")).startswith(_GATEWAYS)
    facts = event.facts
    return event.hop == "destination.arrived" and bool(facts.get("delivery", True) and facts.get("complete", True))


def session_of(facts: Mapping[str, Any]) -> object:
    """What is one MQTT connection: each fake counts its own."""
    return facts.get("fake"), facts.get("session")


def place_at(event: Event, users: dict[object, str]) -> Place:
    """Where something arrived; `users` are those of the sessions of MQTT."""
    facts = event.facts
    if event.hop == "destination.published":
        return "mqtt", users.get(session_of(facts), "")
    host = str(facts.get("host", "")).lower()
    return host.partition(":")[0], str(facts.get("url", "")).partition("?")[0] or "/"
