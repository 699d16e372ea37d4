"""Which document that went well stands nearest to one that did not: same device, same destination, same kind."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from uplab.reports.way.hops import acknowledged, place
from uplab.scenarios.history.event import Event

__all__ = ["Gone", "gone", "nearest"]

_CONTROL = "control"


@dataclass(slots=True)
class Gone:
    """How one document went; `seq` is its first line, `taken` who took it, `kind` its root or "downlink"."""

    id: str
    seq: int
    device: str = ""
    kind: str = ""
    taken: set[str] = field(default_factory=set)
    arrivals: int = 0
    spoilt: bool = False

    @property
    def well(self) -> bool:
        """Whether it came through at the first try, and once at each place."""
        return bool(self.taken) and not self.spoilt and self.arrivals == len(self.taken)


def gone(events: Iterable[Event]) -> dict[str, Gone]:
    """How each document of a history went."""
    found: dict[str, Gone] = {}
    for event in events:
        for id_ in event.ids:
            one = found.setdefault(id_, Gone(id_, event.seq))
            _see(one, event)
    return found


def _see(one: Gone, event: Event) -> None:
    facts = event.facts
    one.device = one.device or str(facts.get("dev_eui") or "")
    where = place(event.hop, facts)
    if where == _CONTROL:
        return
    match event.hop:
        case "network.document":
            one.kind = str(facts.get("root"))
        case "downlink.posted":
            one.kind = "downlink"
        case "fault.delivered" | "network.refused":
            one.spoilt = True
        case "tunnel.answered":
            one.spoilt |= facts.get("outcome") != "accepted"
        case "destination.arrived" | "destination.published":
            one.arrivals += 1
        case "destination.answered":
            status = facts.get("status")
            _took(one, where, isinstance(status, int) and 200 <= status < 300 and bool(facts.get("written")))
        case "destination.acknowledged":
            _took(one, where, acknowledged(facts))
        case "device.received":
            one.taken.add(where)
            one.arrivals += 1


def _took(one: Gone, where: str, taken: bool) -> None:
    if taken:
        one.taken.add(where)
    else:
        one.spoilt = True


def nearest(bad: Gone, among: Iterable[Gone], *, blamed: Iterable[str]) -> tuple[Gone, str] | None:
    """The one that went well and is most like it, and in words how near it is; None where none of its kind did.

    `blamed` are the documents that a verdict names.
    """
    named = set(blamed)
    well = [one for one in among if one.well and one.id not in named and one.kind == bad.kind]
    if not well:
        return None

    def distance(one: Gone) -> tuple[bool, bool, int]:
        elsewhere = bool(bad.taken) and not bad.taken & one.taken
        return one.device != bad.device, elsewhere, abs(one.seq - bad.seq)

    chosen = min(well, key=distance)
    device = "the same device" if chosen.device == bad.device and bad.device else "another device"
    when = "before it" if chosen.seq < bad.seq else "after it"
    return chosen, f"the nearest of {device} that went well, {when}, to {', '.join(sorted(chosen.taken))}"
