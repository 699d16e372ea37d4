"""As planned: each document of a world arrives where its plan leads it, as it was configured, or stays away."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote

from uplab.scenarios.checks.asked.pointer import parsed
from uplab.scenarios.checks.check import Check
from uplab.scenarios.checks.deliveries import ANSWERS, ARRIVALS, Arrivals, Delivery, some
from uplab.scenarios.checks.difference import text_of
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.history import Event

__all__ = ["AsPlanned", "Way"]

Way = Mapping[str, Any]
"""One way in which a document may arrive: `fake` and `path`, `shape` (document, report, payload, telemetry), `headers`
by name, `query` as it stands in the address, `signed` (the AS_ID of lrcCompliance, or null)."""

_SIX: Final = ["LrnDevEui", "LrnFPort", "LrnInfos", "AS_ID", "Time", "Token"]
_MOST: Final = 5


class AsPlanned(Check):
    """Each document arrives by one of its ways, and at no place of the world by another; those without any nowhere.

    `places` are all places of the world, [fake, path]. `lost` is for other checks to say.
    """

    name = "as planned"
    promise = "each document arrives where its connections lead it, with their headers and in their form, or not at all"
    source = ("HTTP-02", "HTTP-05", "COM-01", "COM-03", "COM-05", "COM-22", "COM-23", "CONTRACT 3", "CONTRACT 4")
    asks = "where, with which headers and in which form does each document arrive, and which stay away?"
    advice = "which configuration, and which flows, stood when it was accepted?"
    hops = ARRIVALS | ANSWERS

    def __init__(self, places: Sequence[Sequence[str]], ways: Mapping[str, Sequence[Way]]) -> None:
        self._places = {(fake, path) for fake, path in places}
        self._ways = ways
        self._arrivals = Arrivals()
        self._wrong: dict[str, tuple[str, str]] = {}
        self._examined = 0
        self._alone: dict[tuple[str, str], int] = {}  # deliveries of a payload alone, by place
        self.aspect = ""
        """What is wrong first: place, form, headers or query; empty where nothing is."""

    def see(self, event: Event) -> None:
        """One arrival more, or an answer."""
        delivery = self._arrivals.see(event)
        if delivery is None:
            return
        facts = delivery.arrived.facts
        place = str(facts.get("fake")), str(facts.get("topic") or str(facts.get("url", "")).partition("?")[0])
        if place not in self._places:
            return
        if delivery.answered is not None:
            if delivery.delivered and not delivery.ids and not _rooted(parsed(delivery.arrived.raw)):
                self._alone[place] = self._alone.get(place, 0) + 1
            return
        for id_ in delivery.ids:
            if id_ in self._ways and id_ not in self._wrong:
                self._examined += 1
                if wrong := self._judge(self._ways[id_], place, delivery):
                    self._wrong[id_] = wrong

    def _judge(self, ways: Sequence[Way], place: tuple[str, str], delivery: Delivery) -> tuple[str, str] | None:
        """What is wrong with an arrival, by the way that fits best: its aspect, and words."""
        here = [way for way in ways if (way["fake"], way["path"]) == place]
        if not here:
            there = dict.fromkeys(f"{way['fake']} {way['path']}" for way in ways)
            return "place", f"arrived at {place[0]} {place[1]}, expected {' or '.join(there) or 'nowhere'}"
        found = [_differs(way, delivery) for way in here]
        return None if None in found else found[-1]

    def verdict(self) -> Verdict:
        """The first of each aspect, place before form before headers."""
        if self._wrong:
            first = min(self._wrong.values(), key=lambda one: ("place", "form", "headers", "query").index(one[0]))
            self.aspect = first[0]
            ids = [id_ for id_, one in self._wrong.items() if one[0] == first[0]]
            happened = "; ".join(f"{id_} {self._wrong[id_][1]}" for id_ in ids[:_MOST])
            return self.broken(self._examined, happened, ids)
        for place, count in self._wanted_alone().items():
            got = self._alone.get(place, 0)
            if not count[0] <= got <= count[1]:
                self.aspect = "form"
                happened = f"{got} decoded payloads alone were delivered to {place[0]} {place[1]}, expected {count[0]}"
                return self.broken(self._examined, happened)
        quiet = [id_ for id_, ways in self._ways.items() if not ways]
        if not self._examined and not quiet and not self._alone:
            return self.says("unknown", 0, f"none of {len(self._ways)} documents arrived: {some(list(self._ways))}")
        happened = f"{self._examined} arrivals as planned, and {len(quiet)} documents stayed away"
        return self.says("passed", self._examined + len(quiet), happened)

    def _wanted_alone(self) -> dict[tuple[str, str], tuple[int, int]]:
        """How many payloads come alone to each place, at least and at most."""
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for ways in self._ways.values():
            for way in ways:
                if way["shape"] in ("payload", "either"):
                    least, most = found.get((way["fake"], way["path"]), (0, 0))
                    sure = way["shape"] == "payload" and way.get("certain", True)
                    copies = way.get("copies", 1)
                    found[way["fake"], way["path"]] = least + copies * sure, most + copies
        return found

    def asked(self) -> dict[str, Any]:
        """The places and the ways."""
        return {"places": [list(place) for place in sorted(self._places)], "ways": dict(self._ways)}


def _differs(way: Way, delivery: Delivery) -> tuple[str, str] | None:
    facts = delivery.arrived.facts
    if way["shape"] == "telemetry":
        return None
    body = parsed(delivery.arrived.raw)
    rooted = _rooted(body)
    if way["shape"] == "report" and rooted:
        return "form", "arrived with its root, which sendMetadata takes away"
    if way["shape"] == "document" and not rooted and facts.get("complete", True):
        return "form", "arrived without its root"
    if way["shape"] == "payload":
        return "form", "arrived whole, and only its decoded payload was to"
    for name, value in way.get("headers", {}).items():
        got = [str(v) for n, v in facts.get("headers", ()) if str(n).lower() == name.lower()]
        if got != [value]:
            seen = text_of(got[0])[:80] if len(got) == 1 else f"{len(got)} of it" if got else "nothing"
            return "headers", f"arrived with another {name}: expected {text_of(value)[:80]}, received {seen}"
    return _query(way, str(facts.get("url", "")).partition("?")[2])


def _rooted(body: object) -> bool:
    """Whether it is a whole document: one that the forwarder itself made, as a report, has no id and is none alone."""
    return isinstance(body, dict) and len(body) == 1 and str(next(iter(body))).startswith(("DevEUI_", "BS_"))


def _query(way: Way, found: str) -> tuple[str, str] | None:
    wanted = way.get("query")
    if wanted is None:
        return None
    if way.get("signed") is None:
        if found == wanted:
            return None
        return "query", f"arrived with the query {text_of(found)[:120]}, expected {text_of(wanted)}"
    own = f"{wanted}&" if wanted else ""
    if not found.startswith(own):
        begun = f"one that begins with {text_of(wanted)}"
        return "query", f"arrived with the query {text_of(found)[:120]}, expected {begun}"
    pairs = [part.partition("=") for part in found.removeprefix(own).split("&")]
    six = [name for name in _SIX if name != "LrnFPort" or way.get("ported", True)]
    if (names := [name for name, _, _ in pairs]) != six:
        return "query", f"arrived with the parameters {', '.join(names)[:200]}, expected {', '.join(six)}"
    named = {name: unquote(value) for name, _, value in pairs}
    if named["AS_ID"] != way["signed"]:
        return "query", f"arrived with AS_ID {text_of(named['AS_ID'])[:80]}, expected {text_of(way['signed'])}"
    return None
