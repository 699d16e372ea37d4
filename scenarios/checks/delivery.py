"""What reached a destination: where, how it was answered, and what is known of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from uplab.scenarios.history.history import Event
from uplab.scenarios.history.identity import REFUSED

__all__ = ["Delivery", "Route", "deliveries"]


@dataclass(frozen=True, slots=True)
class Route:
    """Where a connection delivers: a fake, and the path (HTTP) or topic (MQTT) there."""

    fake: str
    path: str

    def takes(self, facts: Mapping[str, Any]) -> bool:
        """Whether an arrival is at this place."""
        place = facts.get("topic") or str(facts.get("url", "")).partition("?")[0]
        return facts.get("fake") == self.fake and place == self.path

    def __str__(self) -> str:
        return f"{self.fake} {self.path}"


@dataclass(slots=True)
class Delivery:
    """One attempt that reached the destination, and how it was answered."""

    ids: tuple[str, ...]
    arrived: Event
    answered: Event | None = None

    @property
    def delivered(self) -> bool:
        """The destination's 2xx was fully written, or its PUBACK sent, which MQTT 5 may make a refusal."""
        if self.answered is None:
            return False
        facts = self.answered.facts
        if self.answered.hop == "destination.acknowledged":
            return int(facts.get("code") or 0) < REFUSED
        return bool(facts.get("written")) and 200 <= int(facts.get("status") or 0) < 300

    @property
    def told(self) -> bool:
        """The head of a 2xx was written whole, which a forwarder may take for delivery: the contract leaves it open."""
        facts = self.answered.facts if self.answered is not None else {}
        return self.delivered or (bool(facts.get("headed")) and 200 <= int(facts.get("status") or 0) < 300)

    @property
    def invented(self) -> bool:
        """A whole document arrived that no device sent; what was cut off on its way tells nothing of its content."""
        return self._unmatched and not self.arrived.doubt

    @property
    def doubtful(self) -> bool:
        """A whole document matches none that is still known, but others had to be forgotten: it may be one of them."""
        return self._unmatched and self.arrived.doubt > 0

    @property
    def _unmatched(self) -> bool:
        return not self.ids and bool(self.arrived.facts.get("complete", True))


def deliveries(events: Iterable[Event], to: Route | None = None) -> list[Delivery]:
    """Every attempt that reached a place (any place when none is named), in the order of arrival.

    People and scenarios who read a fake's pages are no deliveries: the fake says so in its fact `delivery`.
    """
    found: dict[object, Delivery] = {}
    for event in events:
        if event.hop in ("destination.arrived", "destination.published"):
            if event.facts.get("delivery", True) and (to is None or to.takes(event.facts)):
                found[event.facts["exchange"]] = Delivery(event.ids, event)
        elif event.hop in ("destination.answered", "destination.acknowledged"):
            delivery = found.get(event.facts["exchange"])
            if delivery is not None and delivery.answered is None:
                delivery.answered = event
    return list(found.values())
