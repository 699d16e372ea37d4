"""What reached a destination: where, how it was answered, and what is known of it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from uplab.fakes.mqtt.topics import is_filter, matches
from uplab.scenarios.history.history import Event
from uplab.scenarios.history.identity import REFUSED, find_report

__all__ = [
    "ANSWERS",
    "ARRIVALS",
    "Arrivals",
    "Delivery",
    "Route",
    "deliveries",
    "in_doubt",
    "is_of_the_link",
    "place_of",
    "some",
]

ARRIVALS = frozenset({"destination.arrived", "destination.published"})
ANSWERS = frozenset({"destination.answered", "destination.acknowledged"})
_TELEMETRY = "v1/gateway/telemetry"


@dataclass(frozen=True, slots=True)
class Route:
    """Where a connection delivers: a fake, and the path (HTTP) or topic (MQTT) there, or a filter of topics."""

    fake: str
    path: str

    def takes(self, facts: Mapping[str, Any]) -> bool:
        """Whether an arrival is at this place."""
        if facts.get("fake") != self.fake:
            return False
        if topic := facts.get("topic"):
            return topic == self.path or (is_filter(self.path) and matches(self.path, str(topic)))
        return str(facts.get("url", "")).partition("?")[0] == self.path

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


class Arrivals:
    """Joins what arrives with its answer, line by line; what was answered is forgotten here.

    People and scenarios who read a fake's pages are no deliveries: the fake says so in its fact `delivery`.
    """

    def __init__(self, to: Route | None = None) -> None:
        """Those at one place; at any place when none is named."""
        self._to = to
        self._open: dict[object, Delivery] = {}

    def see(self, event: Event) -> Delivery | None:
        """The delivery that this line begins, or, with `answered`, the one that it ends; None for any other line."""
        if event.hop in ARRIVALS:
            facts = event.facts
            if not facts.get("delivery", True) or (self._to is not None and not self._to.takes(facts)):
                return None
            delivery = Delivery(event.ids, event)
            if facts.get("qos") != 0:  # nothing will answer that
                self._open[facts["exchange"]] = delivery
            return delivery
        if event.hop in ANSWERS:
            ended = self._open.pop(event.facts["exchange"], None)
            if ended is not None:
                ended.answered = event
            return ended
        return None


def deliveries(events: Iterable[Event], to: Route | None = None) -> list[Delivery]:
    """Every attempt that reached a place (any place when none is named), in the order of arrival."""
    arrivals = Arrivals(to)
    return [delivery for event in events if (delivery := arrivals.see(event)) and delivery.arrived is event]


def place_of(arrived: Event) -> str:
    """Where something arrived, as a reader knows it: the witness of a barrier is the report's control."""
    facts = arrived.facts
    name = "the control" if facts.get("fake") == "witness" else str(facts.get("fake"))
    return f"{name} {facts.get('topic') or facts.get('url')}"


def is_of_the_link(arrived: Event) -> bool:
    """Whether a message tells of no uplink: v1/gateway/connect at a ThingsBoard, "online" of a client at a broker."""
    if arrived.hop != "destination.published" or arrived.ids or arrived.facts.get("topic") == _TELEMETRY:
        return False
    try:
        return find_report(orjson.loads(arrived.raw or b"")) is None
    except orjson.JSONDecodeError:
        return True


def in_doubt(delivery: Delivery) -> str:
    """Why nothing can be said of an arrival that matches none of those still known."""
    count = delivery.arrived.doubt
    return (
        f"a document arrived at {place_of(delivery.arrived)} that matches none still known; {count} older "
        f"{'one' if count == 1 else 'ones'} had to be forgotten, so whether a device sent it cannot be told"
    )


def some(ids: Collection[str] | Sequence[str], most: int = 5) -> str:
    """The first of them in words, and how many more there are."""
    shown = ", ".join(list(ids)[:most])
    return shown + (f" and {len(ids) - most} more" if len(ids) > most else "")
