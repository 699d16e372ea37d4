"""Right values: each point of telemetry says what its document says, member by member, whatever a scenario asks."""

from collections import OrderedDict
from collections.abc import Collection, Iterator
from typing import Any

import orjson

from uplab.scenarios.checks.content.telemetry import Judged, judge_point
from uplab.scenarios.checks.standing.configured import Configurations
from uplab.scenarios.checks.standing.invariant import Breach, Invariant
from uplab.scenarios.checks.standing.read import Read
from uplab.scenarios.history.history import Event
from uplab.scenarios.history.identity import epoch_ms, find_report

__all__ = ["RightValues"]

_TOPIC = "v1/gateway/telemetry"
_REST = "/api/plugins/telemetry/DEVICE/"
_REMEMBERED = 4096  # documents that may still come

Point = tuple[str | None, int | None, dict[str, Any]]
"""Device, where the message names it, ts in ms, and values."""


class RightValues(Invariant):
    """What arrives at ThingsBoard, over MQTT as over REST, is held against the document that the tunnel carried.

    What one uplink says of a field, all of this forwarder say: a value that is left out only sometimes was lost.
    `fields` are those that its profile declares for each uplink; with `texts` it declares that values come as texts.
    """

    name = "right values"
    promise = (
        "telemetry says every decoded value and every field of the uplink as the document has it, in its JSON type"
    )
    source = ("TB-15", "COM-16", "COM-17", "CONTRACT 4")
    advice = "is a value of 0, false or an empty text taken for none, or one kept from another uplink?"
    asks = "which values of an uplink are told, and are they right?"

    def __init__(
        self,
        configured: Configurations,
        read: Read,
        *,
        fields: Collection[str] = (),
        drivers: bool,
        texts: bool = False,
    ) -> None:
        super().__init__()
        self._texts = texts
        self._configured = configured
        self._read = read
        self._fields = frozenset(fields) | ({"elsys/ers temperature", "elsys/ers humidity"} if drivers else set())
        self._sent: OrderedDict[str, tuple[str, dict[str, Any]]] = OrderedDict()
        self._by_ts: dict[int, dict[str, None]] = {}
        self._said: set[str] = set()
        self._missed: dict[str, Breach] = {}  # the first of each that nobody has said so far
        self._urls: list[tuple[object, Breach]] = []  # a page may have made their connection, which is known later

    def close(self) -> None:
        """A downlink URL in telemetry is one of those that this scenario's connections have."""
        if known := self._configured.urls:
            self.breaches += [breach for url, breach in self._urls if url not in known]
        self._urls.clear()

    def see(self, event: Event) -> None:
        """Remembers what was sent, and judges what has arrived of it."""
        if event.hop == "tunnel.sent":
            self._remember(event)
            return
        where = _where(event)
        if where is None:
            return
        for device, ts, values in _points(event, where):
            self._judge(self._whose(event, device, ts, values), values, where)

    def _remember(self, event: Event) -> None:
        found = find_report(_parsed(event.raw))
        if found is None or not event.ids or not isinstance(found[1].get("Time"), str):
            return
        try:
            ts = epoch_ms(found[1]["Time"])
        except (ValueError, OverflowError):
            return
        for id_ in event.ids:
            self._sent[id_] = found
            self._sent.move_to_end(id_)
            self._by_ts.setdefault(ts, {})[id_] = None
        while len(self._sent) > _REMEMBERED:
            old, (_, report) = self._sent.popitem(last=False)
            at = epoch_ms(report["Time"])
            self._by_ts[at].pop(old, None)
            if not self._by_ts[at]:
                del self._by_ts[at]

    def _whose(self, event: Event, device: str | None, ts: int | None, values: dict[str, Any]) -> list[str]:
        """The documents that a point may tell of: of its device and ts; of several, those whose counter it says."""
        found = [
            id_
            for id_ in self._by_ts.get(ts if ts is not None else -1, ())
            if (device is None and not event.ids) or str(self._sent[id_][1].get("DevEUI")).upper() == device
        ]
        if len(found) > 1:
            counters = {str(value) for name, value in values.items() if "fcntup" in name.lower().replace("_", "")}
            found = [id_ for id_ in found if str(self._sent[id_][1].get("FCntUp")) in counters] or found
        return found

    def _judge(self, ids: list[str], values: dict[str, Any], where: str) -> None:
        """Judges a point by the document that explains most of its names: several of a device may have one time.

        By its names first: a notification that says wrong things is not the right uplink of the same moment.
        """
        if not ids:
            return
        bare = self._configured.any_is("sendRawDecodedFormat")
        every = [(judge_point(*self._sent[id_], values, bare=bare, texts=self._texts), id_) for id_ in ids]
        judged, id_ = min(every, key=lambda one: (len(one[0].unread), len(one[0].problems), len(one[0].missing)))
        what = f"the telemetry of {id_} has a downlinkUrl that is not its connection's ({where})"
        self._urls += [(url, Breach(what, (id_,))) for url in judged.urls]
        self._read.note("thingsboard", "telemetry", judged.unread, values)
        for problem in judged.problems[:1]:
            self.breaches.append(Breach(f"the telemetry of {id_}: {problem} ({where})", (id_,)))
        self._compare(id_, judged, bare=bare, where=where)

    def _compare(self, id_: str, judged: Judged, *, bare: bool, where: str) -> None:
        """What this uplink does not say, and others do."""
        for name in judged.said - self._said:
            self._said.add(name)
            if name in self._missed:
                self.breaches.append(self._missed.pop(name))
        for name, what in judged.missing.items():
            decoded = " " in name
            breach = Breach(f"the telemetry of {id_} lacks {what} ({where})", (id_,))
            if name in self._fields or name in self._said:
                if decoded or not bare:
                    self.breaches.append(breach)
            elif name not in self._missed and not bare:
                self._missed[name] = breach


def _where(event: Event) -> str | None:
    if event.hop == "destination.published" and event.facts.get("topic") == _TOPIC:
        return "over MQTT"
    url = str(event.facts.get("url", ""))
    if event.hop == "destination.arrived" and event.facts.get("complete") and url.startswith(_REST):
        return "over REST" if "/timeseries/" in url and event.facts.get("method") == "POST" else None
    return None


def _points(event: Event, where: str) -> Iterator[Point]:
    """The points of a message; several of one device and ts are one, as ThingsBoard keeps them."""
    told = _parsed(event.raw)
    if where == "over REST":
        told = {"": told if isinstance(told, list) else [told]}
    if not isinstance(told, dict):
        return
    for device, points in told.items():
        by_ts: dict[int | None, dict[str, Any]] = {}
        for point in points if isinstance(points, list) else []:
            if isinstance(point, dict) and isinstance(point.get("values"), dict):
                ts = point.get("ts")
                by_ts.setdefault(ts if isinstance(ts, int) else None, {}).update(point["values"])
        for ts, values in by_ts.items():
            yield device.upper() or None, ts, values


def _parsed(raw: bytes | None) -> Any:
    try:
        return orjson.loads(raw or b"")
    except orjson.JSONDecodeError:
        return None
