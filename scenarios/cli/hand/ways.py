"""The way of each uplink and downlink as the desk shows it, hop by hop with its bodies: a fold over the history."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from uplab.reports.way.hops import describe, place
from uplab.scenarios.history.event import Event
from uplab.scenarios.history.secrets import redact_body, redact_text

__all__ = ["Ways"]

_MOST_WAYS: Final = 200
_MOST_HOPS: Final = 100  # of one way; a destination that fails for ever repeats itself
_MOST_BODY: Final = 20_000  # characters
_ABOUT_MANY: Final = frozenset({"api.asked", "api.answered", "fault.planned", "forwarder.ended", "scenario.saw"})


class Ways:
    """The newest ways; what is older is forgotten. Belongs to whoever holds the desk's lock."""

    def __init__(self) -> None:
        self._ways: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._exchanges: OrderedDict[object, str] = OrderedDict()  # of what: what its answer belongs to
        self.seen = 0
        """The number of the last line that was taken in."""

    def see(self, events: Iterable[Event]) -> None:
        """Takes in more lines, in their order."""
        for event in events:
            self.seen = max(self.seen, event.seq)
            if event.hop in _ABOUT_MANY:
                continue
            for id_ in event.ids or self._by_exchange(event):
                self._add(id_, event)

    def since(self, seq: int) -> list[dict[str, Any]]:
        """The ways to which something came after this line, whole, the oldest first."""
        return [way for way in self._ways.values() if way["seq"] > seq]

    def _by_exchange(self, event: Event) -> tuple[str, ...]:
        """What a fault belongs to, whose line names its exchange and no document."""
        known = self._exchanges.get(event.facts.get("exchange"))
        return (known,) if known is not None else ()

    def _add(self, id_: str, event: Event) -> None:
        way = self._ways.get(id_)
        if way is None:
            kind = "downlink" if event.hop in ("downlink.posted", "network.downlink") else "uplink"
            way = {"id": id_, "kind": kind, "device": "", "began": event.wall, "state": "", "hops": []}
            self._ways[id_] = way
            while len(self._ways) > _MOST_WAYS:
                self._ways.popitem(last=False)
        if (exchange := event.facts.get("exchange")) is not None:
            self._exchanges[exchange] = id_
            while len(self._exchanges) > 4 * _MOST_WAYS:
                self._exchanges.popitem(last=False)
        if event.hop == "network.document":
            way["kind"] = _kind(event.facts)
        way["seq"] = event.seq
        way["device"] = way["device"] or str(event.facts.get("dev_eui") or "")
        way["state"] = _state(event) or way["state"]
        if len(way["hops"]) < _MOST_HOPS:
            way["hops"].append(_hop(event))


def _kind(facts: Mapping[str, Any]) -> str:
    """What a document is: an uplink, a join (also a DevEUI_uplink), or a report of a join, a downlink, an alarm."""
    if facts.get("root") != "DevEUI_uplink":
        return "report"
    said = (facts.get("document") or {}).get("DevEUI_uplink")
    return "join" if isinstance(said, Mapping) and said.get("MType") == 0 and "rawJoinRequest" in said else "uplink"


def _hop(event: Event) -> dict[str, Any]:
    body = event.raw
    if event.hop == "network.document":  # the same bytes follow with tunnel.sent
        body = None
    text = redact_body(body).decode(errors="backslashreplace")[:_MOST_BODY] if body else None
    return {
        "seq": event.seq,
        "at": event.wall,
        "where": place(event.hop, event.facts),
        "what": redact_text(describe(event.hop, event.facts)),
        "bad": _is_bad(event),
        "body": text,
    }


def _state(event: Event) -> str:
    """How far it is, in a word or two; empty where this line changes nothing of it."""
    facts = event.facts
    status = facts.get("status")
    if event.hop == "destination.answered":
        good = isinstance(status, int) and 200 <= status < 300 and facts.get("written")
        return "delivered" if good else f"refused ({status})" if status else "not answered"
    if event.hop == "downlink.posted":
        return "at the network" if isinstance(status, int) and 200 <= status < 300 else f"refused ({status})"
    return {
        "tunnel.sent": "at the forwarder",
        "tunnel.answered": str(facts.get("outcome")),
        "destination.acknowledged": "delivered",
        "network.refused": "refused by the network",
        "network.downlink": str(facts.get("outcome")),
        "device.received": "received by the device",
    }.get(event.hop, "")


def _is_bad(event: Event) -> bool:
    return event.hop in ("network.refused", "fault.delivered") or _state(event).startswith(
        ("refused", "not answered", "unclear", "rejected")
    )
