"""Who is who: gives each document an id when it is made, and recognises it wherever it turns up.

An uplink is known by (DevEUI, FCntUp, Time), and where only telemetry arrives by (device, ts in ms); in an output of
another form by what stands at the pointers that a profile names. A downlink is known by its CorrelationID, else by
(DevEUI, FPort, payload). What matches nothing is *invented*, or *unknown* where something had to
be forgotten; what matches several is *unknown*.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from uplab.scenarios.history.pointers import Pointers
from uplab.simulator.thingpark.documents import (
    COUNTERS,
    ROOTS,
    UPLINK,
    WrongTimeError,
    device_of,
    epoch_ms,
    instant_of,
    time_of,
    whole,
)

__all__ = ["REFUSED", "Ledger", "epoch_ms", "find_report", "where_looked"]

Plain = str | int | float | None
Key = tuple[Plain, ...]
REFUSED: Final = 0x80  # reason codes of MQTT 5 from here on say that a message was not taken (MQTT 5 section 2.4)
_LATEST: Final = ("phy", "downlink")  # bytes and contents that come again belong to the newest that had them
_ENDED_KEPT: Final = 10_000  # exchanges that are known on after their answer


def find_report(document: Any) -> tuple[str, dict[str, Any]] | None:
    """The root and the report of a ThingPark document; the report alone where sendMetadata took the root away."""
    if not isinstance(document, dict):
        return None
    for root in ROOTS:
        report = document.get(root)
        if isinstance(report, dict):
            return root, report
    return (UPLINK, document) if "DevEUI" in document else None


def _number(value: object) -> Plain:
    """A number in every form of the documents: 17 and "17" are one counter. What is no scalar is a text."""
    if (number := whole(value)) is not None:
        return number
    return value if value is None or isinstance(value, str | int | float) else repr(value)


@dataclass(slots=True)
class _Document:
    """What is known of one id: the keys that lead to it, and how many posts of it the forwarder may still hold."""

    keys: list[Key] = field(default_factory=list)
    under_way: int = 0
    correlated: bool = False


class Ledger:
    """The ids of a run.

    An id is remembered as long as its scenario runs or the forwarder may still hold it: until it was refused, or taken
    by a destination. Then it retires; of the retired ones the last `remember` are kept, and `forgotten` counts the
    others. Memory is bounded by what is under way, and the cost of a line does not grow with the run.
    """

    def __init__(self, remember: int = 100_000, *, pointers: Pointers | None = None) -> None:
        """`pointers` are those of an output of another form than ThingPark's."""
        self.forgotten = 0
        self._pointers = pointers
        self._remember = max(1, remember)
        self._documents: dict[str, _Document] = {}
        self._ids: dict[Key, tuple[str, ...]] = {}
        self._retired: OrderedDict[str, None] = OrderedDict()
        self._running: dict[str, None] | None = None  # the ids of the scenario that runs; None outside of any
        self._attempts: dict[object, list[str]] = {}
        self._exchanges: dict[object, list[str]] = {}
        self._ended: deque[object] = deque()
        self._uplinks = self._reports = self._downlinks = 0
        self._by_hop: Mapping[str, Callable[[Mapping[str, Any]], list[str]]] = {
            "device.sent": self._device_sent,
            "gateway.heard": self._gateway_heard,
            "network.document": self._document,
            "tunnel.sent": self._tunnel_sent,
            "tunnel.answered": self._tunnel_answered,
            "destination.arrived": self._arrived,
            "destination.answered": self._answered,
            "destination.published": self._published,
            "destination.acknowledged": self._acknowledged,
            "destination.pushed": lambda facts: self._recognised(_parsed(facts)),
            "fault.delivered": self._met,
            "downlink.posted": self._downlink,
            "network.downlink": self._downlink,
            "device.received": self._downlink,
        }

    def begin(self) -> None:
        """A scenario begins: what it speaks of is remembered to its end."""
        self.end()
        self._running = {}

    def end(self) -> None:
        """The scenario is over: of what it spoke of, what is no longer under way retires."""
        over, self._running = self._running or {}, None
        for id_ in over:
            self._settle(id_)

    def _take_up(self, id_: str) -> None:
        """An id is spoken of by the scenario that runs."""
        if self._running is not None:
            self._running[id_] = None
        self._settle(id_)

    def _settle(self, id_: str) -> None:
        """Retires an id, or takes it back from the retired, and forgets those that retired too long ago."""
        document = self._documents.get(id_)
        if document is None:
            return
        self._retired.pop(id_, None)
        if document.under_way or (self._running is not None and id_ in self._running):
            return
        self._retired[id_] = None
        while len(self._retired) > self._remember:
            self._forget(self._retired.popitem(last=False)[0])

    def _forget(self, id_: str) -> None:
        for key in self._documents.pop(id_).keys:
            left = tuple(known for known in self._ids.get(key, ()) if known != id_)
            if left:
                self._ids[key] = left
            else:
                self._ids.pop(key, None)
        self.forgotten += 1

    def _new(self, id_: str, *keys: Key) -> str:
        self._documents[id_] = _Document()
        for key in keys:
            self._learn(key, id_)
        self._take_up(id_)
        return id_

    def _learn(self, key: Key, id_: str) -> None:
        """A key leads to an id; those in _LATEST to the newest of its ids only, any other to all of them."""
        keys = self._documents[id_].keys
        if key not in keys:
            keys.append(key)
            self._ids[key] = (id_,) if key[0] in _LATEST else (*self._ids.get(key, ()), id_)

    def _known(self, key: Key) -> list[str]:
        return list(self._ids.get(key, ()))

    def identify(self, hop: str, facts: Mapping[str, Any]) -> list[str]:
        """The ids that a hop speaks of: none, one, or several where it cannot be told apart."""
        identified = self._by_hop.get(hop)
        return identified(facts) if identified else []

    def doubt(self, hop: str, facts: Mapping[str, Any]) -> int:
        """How many ids were forgotten, any of which an arrival without an id may be; 0 where it may be none of them."""
        if not self.forgotten or hop not in ("destination.arrived", "destination.published"):
            return 0
        return self.forgotten if self._keys(self._body(facts)) else 0

    def _device_sent(self, facts: Mapping[str, Any]) -> list[str]:
        if facts.get("f_cnt") is None:  # a join request is no document
            return []
        self._uplinks += 1
        dev_eui, time_ms = str(facts["dev_eui"]).upper(), epoch_ms(facts["time"])
        keys: list[Key] = [("report", "DevEUI_uplink", dev_eui, facts["f_cnt"], time_ms), ("ts", dev_eui, time_ms)]
        keys += self._timeless(keys[0])
        return [self._new(f"u{self._uplinks}", *keys, ("phy", facts.get("phy_hex")))]

    def _gateway_heard(self, facts: Mapping[str, Any]) -> list[str]:
        return self._known(("phy", facts.get("phy_hex")))

    def _document(self, facts: Mapping[str, Any]) -> list[str]:
        """A document leaves the network server: known when a frame led to it, else new (reports, hand-made ones)."""
        key = _report_key(facts["document"])
        if key is None:
            return []
        known = self._known(key)
        for id_ in known:
            self._take_up(id_)
        if known:
            return known
        self._reports += 1
        # Telemetry of a document without a time has one that the forwarder chose: any of this device may be it.
        ts: Key = ("untimed", key[2]) if key[4] is None else ("ts", key[2], key[4])
        telemetry: list[Key] = [ts] if key[1] == UPLINK else []
        return [self._new(f"r{self._reports}", key, *telemetry, *self._timeless(key))]

    def _timeless(self, key: Key) -> list[Key]:
        """The key of an uplink for who delivers it under a time of his own."""
        bare = self._pointers is not None and self._pointers.time is None and key[1] == UPLINK
        return [("count", key[2], key[3])] if bare else []

    def _tunnel_sent(self, facts: Mapping[str, Any]) -> list[str]:
        ids = self._recognised(_parsed(facts))
        for id_ in ids:
            self._documents[id_].under_way += 1
            self._take_up(id_)
        self._attempts[facts["attempt"]] = ids
        return ids

    def _tunnel_answered(self, facts: Mapping[str, Any]) -> list[str]:
        ids = self._attempts.pop(facts["attempt"], [])
        if facts.get("outcome") == "refused":
            self._finish(ids)
        return ids

    def _finish(self, ids: list[str]) -> None:
        """One post of each of these is over: the forwarder refused it, or a destination took it."""
        for id_ in dict.fromkeys(ids):
            document = self._documents.get(id_)
            if document is not None:
                document.under_way = max(0, document.under_way - 1)
                self._settle(id_)

    def _arrived(self, facts: Mapping[str, Any]) -> list[str]:
        return self._answering(facts, self._recognised(self._body(facts)))

    def _body(self, facts: Mapping[str, Any]) -> Any:
        """The JSON that came to a destination, in the form that the profile names."""
        return self._pointers.parsed(facts.get("raw") or b"") if self._pointers is not None else _parsed(facts)

    def _published(self, facts: Mapping[str, Any]) -> list[str]:
        ids = self._arrived(facts)
        if facts.get("qos") == 0:  # nothing will answer it
            self._close(facts, taken=True)
        return ids

    def _recognised(self, document: Any) -> list[str]:
        if isinstance(document, dict) and isinstance(document.get("DevEUI_downlink"), dict):
            return self._downlink(_downlink_facts(document["DevEUI_downlink"]))
        return [id_ for key in self._keys(document) for id_ in self._ids.get(key) or self._untimed(key)]

    def _untimed(self, key: Key) -> tuple[str, ...]:
        return self._ids.get(("untimed", key[1]), ()) if key[0] == "ts" else ()

    def _keys(self, document: Any) -> list[Key]:
        """The keys that a document names: its own, or those of the points in ThingsBoard's telemetry."""
        if self._pointers is not None and (found := self._pointers.read_each(document)):
            if self._pointers.time is None:
                return [("count", dev_eui, _number(f_cnt)) for dev_eui, f_cnt, _ in found]
            return [("report", UPLINK, dev_eui, _number(f_cnt), time_ms) for dev_eui, f_cnt, time_ms in found]
        key = _report_key(document)
        return [key] if key else _points(document)

    def _answering(self, facts: Mapping[str, Any], ids: list[str]) -> list[str]:
        if ids and facts.get("exchange") is not None:
            self._exchanges[facts["exchange"]] = ids
        return ids

    def _met(self, facts: Mapping[str, Any]) -> list[str]:
        return self._exchanges.get(facts.get("exchange"), [])

    def _answered(self, facts: Mapping[str, Any]) -> list[str]:
        whole = facts.get("written") or facts.get("headed")
        return self._close(facts, taken=bool(whole) and 200 <= int(facts.get("status") or 0) < 300)

    def _acknowledged(self, facts: Mapping[str, Any]) -> list[str]:
        return self._close(facts, taken=int(facts.get("code") or 0) < REFUSED)

    def _close(self, facts: Mapping[str, Any], *, taken: bool) -> list[str]:
        """An exchange is over; a second answer, or a fault that is told late, may follow soon."""
        ids = self._met(facts)
        if taken:
            self._finish(ids)
        if ids:
            self._ended.append(facts["exchange"])
            if len(self._ended) > _ENDED_KEPT:
                self._exchanges.pop(self._ended.popleft(), None)
        return ids

    def _downlink(self, facts: Mapping[str, Any]) -> list[str]:
        dev_eui = str(facts.get("dev_eui")).upper()
        plain: Key = ("downlink", dev_eui, _number(facts.get("f_port")), str(facts.get("payload_hex") or "").lower())
        correlation: Key | None = None
        if facts.get("correlation_id"):
            correlation = ("correlation", str(facts["correlation_id"]))
        known = self._known(correlation) if correlation else []
        if not known:
            # The latest of this content; but one that has a CorrelationID of its own is another downlink.
            known = [id_ for id_ in self._known(plain) if not (correlation and self._documents[id_].correlated)]
        if not known:
            self._downlinks += 1
            known = [self._new(f"d{self._downlinks}")]
        self._learn(plain, known[0])
        if correlation:
            self._learn(correlation, known[0])
            self._documents[known[0]].correlated = True
        self._take_up(known[0])
        return known


def _parsed(facts: Mapping[str, Any]) -> Any:
    """The JSON that a hop carried; None where it carried none."""
    try:
        return orjson.loads(facts.get("raw") or b"")
    except orjson.JSONDecodeError:
        return None


def where_looked(pointers: Pointers | None) -> str:
    """Where an arrival is asked which uplink it is of, in words."""
    if pointers is not None:
        return f"at {pointers}, and under ThingPark's roots"
    return "for DevEUI, FCntUp and Time under a root such as DevEUI_uplink, and for ThingsBoard's {device: [{ts}]}"


def _report_key(document: Any) -> Key | None:
    found = find_report(document)
    if found is None:
        return None
    name, report = found
    root = ROOTS[name]
    try:
        time: Plain = instant_of(root, report)
    except WrongTimeError:
        told = time_of(root, report)
        time = str(_number(told[1] if told else None))
    counter = next((report[one] for one in COUNTERS if report.get(one) is not None), None)
    return ("report", name, device_of(root, report), _number(counter), time)


def _points(document: Any) -> list[Key]:
    """ThingsBoard's gateway telemetry, {device: [{ts, values}]}: one key for each uplink that a message tells of.

    ThingsBoard keeps one value for each name and ts, so that an uplink may be told in several points of one ts; it is
    told again only where a name comes again. Each time then has its key.
    """
    if not isinstance(document, dict):
        return []
    found: list[Key] = []
    for device, points in document.items():
        told: dict[Plain, set[str]] = {}
        for point in points if isinstance(points, list) else []:
            if not isinstance(point, dict) or "ts" not in point:
                continue
            ts, values = _number(point["ts"]), point.get("values")
            names = set(values) if isinstance(values, dict) else set()
            before = told.get(ts)
            if before is None or not names or not before.isdisjoint(names):
                found.append(("ts", device.upper(), ts))
            told[ts] = names | (before or set())
    return found


def _downlink_facts(downlink: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "dev_eui": downlink.get("DevEUI"),
        "f_port": downlink.get("FPort"),
        "payload_hex": downlink.get("payload_hex"),
        "correlation_id": downlink.get("CorrelationID"),
    }
