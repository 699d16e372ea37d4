"""None invented, and one ts: whatever arrives was sent by a device, at the time that it says."""

from typing import Any

import orjson

from uplab.scenarios.checks.deliveries import place_of
from uplab.scenarios.checks.standing.connections import Connections
from uplab.scenarios.checks.standing.invariant import Breach, Invariant, holds_document, place_at
from uplab.scenarios.checks.standing.ranges import Ranges
from uplab.scenarios.history.history import Event
from uplab.scenarios.history.identity import find_report
from uplab.scenarios.history.secrets import redact_text
from uplab.simulator.devices.namespace import is_anothers

__all__ = ["OneTs", "Origin"]

_TELEMETRY = "v1/gateway/telemetry"
_SHOWN = 120  # characters
_OWN = "DevEUI_downlink_Rejected"  # CONTRACT.md, section 5: the forwarder itself makes it


class Origin(Invariant):
    """Each document that arrives was sent, and nothing arrives that holds no document.

    A connection may be configured to send less than the document; and of what was posted without a name, nobody can
    say what becomes of it.
    """

    name = "none invented"
    promise = "each document that arrives was sent by a device, and accepted"
    source = ("HTTP-12", "HTTP-15", "CONTRACT 2", "CONTRACT 4")
    advice = "compare DevEUI, FCntUp and Time with the timeline"
    asks = "which documents arrive that nobody has sent?"

    def __init__(self, connections: Connections, namespace: str = "") -> None:
        super().__init__()
        self._namespace = namespace
        self._connections = connections
        self._nameless: set[str] = set()  # devices of which something was posted that nobody can know again
        self._refused: set[str] = set()  # what was refused, and not posted again
        self._accepted: dict[str, Ranges] = {}  # or may have been, by the kind of its id
        self._anything = False  # whether the scenario that runs has posted such a thing

    def begin(self) -> None:
        """What a scenario posts is its own."""
        self._refused.clear()
        self._anything = False

    def see(self, event: Event) -> None:
        """A whole document that nobody sent, and that cannot be one of those that had to be forgotten."""
        if event.hop == "tunnel.sent" and not event.ids:
            self._nameless.add(str(event.facts.get("dev_eui")).upper())
            self._anything = True
        if event.hop == "tunnel.sent":
            self._refused.difference_update(event.ids)
        elif event.hop == "tunnel.answered" and event.facts.get("outcome") == "refused":
            self._refused.update(id_ for id_ in event.ids if not self._may_be_accepted(id_))
        elif event.hop == "tunnel.answered":
            for id_ in event.ids:
                self._accepted.setdefault(id_[0], Ranges()).add(int(id_[1:]))
        elif event.hop in ("destination.arrived", "destination.published") and self._refused.intersection(event.ids):
            self._of_refused(event)
        if event.ids or event.doubt or not holds_document(event):
            return
        found = find_report(_parsed(event.raw))
        if found is None:
            if event.hop == "destination.arrived":
                self._nothing(event)
            return
        if found[0] == _OWN or (self._namespace and not found[1].get("DevEUI")):  # a base station's alarm goes to all
            return
        device = str(found[1].get("DevEUI")).upper()
        if device not in self._nameless and not is_anothers(device, self._namespace):
            happened = f"a {found[0]} of {device} arrived at {place_of(event)}, which nobody has sent"
            self.breaches.append(Breach(happened, device=device))

    def _may_be_accepted(self, id_: str) -> bool:
        return id_[0] in self._accepted and int(id_[1:]) in self._accepted[id_[0]]

    def _of_refused(self, event: Event) -> None:
        """What the forwarder has refused has no effect."""
        wrong = [id_ for id_ in dict.fromkeys(event.ids) if id_ in self._refused]
        if event.hop == "destination.published" or len(wrong) == len(event.ids):
            happened = f"{wrong[0]} arrived at {place_of(event)}, although the forwarder had refused it"
            self.breaches.append(Breach(happened, (wrong[0],)))

    def _nothing(self, event: Event) -> None:
        """A POST without a document, at a place where connections send whole documents."""
        facts, raw = event.facts, event.raw or b""
        if facts.get("method") != "POST" or facts.get("malformed") or len(raw) < int(facts.get("size") or 0):
            return
        place = place_at(event, self._connections.users)
        here = [one for one in self._connections.of(None, 0) if one.place == place]
        packed = any(str(name).lower() == "content-encoding" for name, _ in facts.get("headers", ()))
        if here and all(one.whole for one in here) and not self._anything and not packed:
            shown = redact_text(raw[:_SHOWN].decode("utf-8", "replace"))
            happened = f"a POST arrived at {place_of(event)} that holds no document: {shown or 'nothing'}"
            self.breaches.append(Breach(happened, here=True))


class OneTs(Invariant):
    """Telemetry is kept at the time of its uplink."""

    name = "one ts"
    promise = "each point of telemetry has for its ts the milliseconds of an uplink's Time"
    source = ("TB-15", "CONTRACT 4")
    asks = "which points of telemetry have a ts that is no uplink's Time?"
    advice = "take ts from the uplink's Time; one uplink has one"

    def __init__(self, namespace: str = "") -> None:
        super().__init__()
        self._namespace = namespace

    def see(self, event: Event) -> None:
        """More points than uplinks, or points of none."""
        if event.hop != "destination.published" or event.facts.get("topic") != _TELEMETRY or event.doubt:
            return
        told = _parsed(event.raw)
        points = _points(told) if isinstance(told, dict) else []
        points = [point for point in points if not is_anothers(point[0], self._namespace)]
        known = len(set(event.ids))
        if len(set(points)) > known:
            devices = list(dict.fromkeys(device for device, _ in points))
            bare = sum(ts is None for _, ts in points)
            what = f"{bare} without a ts" if bare else f"with {len(set(points))} times, of which uplinks have {known}"
            happened = f"telemetry of {', '.join(devices[:3])} came {what}"
            self.breaches.append(Breach(happened, event.ids, devices[0]))


def _points(told: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Device and ts of each point, of the devices whose points tell of an uplink: it has FCntUp in its names.

    Reports go as telemetry too, and what the forwarder itself makes has a Time of its own.
    """
    found = []
    for device, points in told.items():
        kept = [point for point in points if isinstance(point, dict)] if isinstance(points, list) else []
        names = [
            str(name).lower() for point in kept if isinstance(point.get("values"), dict) for name in point["values"]
        ]
        if any("fcntup" in name for name in names):
            found += [(device.upper(), str(point["ts"]) if "ts" in point else None) for point in kept]
    return found


def _parsed(raw: bytes | None) -> Any:
    try:
        return orjson.loads(raw or b"")
    except orjson.JSONDecodeError:
        return None
