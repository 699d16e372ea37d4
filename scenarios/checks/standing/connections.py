"""The connections that the forwarder's API has shown: where they deliver, and with which headers."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import orjson

from uplab.scenarios.checks.standing.invariant import Place
from uplab.scenarios.history.history import Event

__all__ = ["Connections"]


class Connections:
    """What is configured in the scenario that runs, and every place that was configured in the run."""

    hops = frozenset({"api.asked", "api.answered", "destination.connected"})

    def __init__(self) -> None:
        self.users: dict[object, str] = {}  # of the sessions of MQTT
        self.ever: set[Place] = set()
        self._at: dict[Place, set[str]] = {}
        self._headers: dict[str, set[str]] = {}
        self._configured: dict[Place, list[dict[str, Any]]] = {}
        self._urls: dict[Place, set[str]] = {}

    def begin(self) -> None:
        """Another scenario: its connections are its own."""
        self._at.clear()
        self._headers.clear()
        self._configured.clear()
        self._urls.clear()

    def see(self, event: Event) -> None:
        """Learns from what was asked to change and from every answer that shows a connection."""
        facts = event.facts
        if event.hop == "destination.connected":
            self.users[facts.get("session")] = str(facts.get("username"))
            return
        method, path = str(facts.get("method")), str(facts.get("path"))
        if not path.startswith("/connections"):
            return
        asked = event.hop == "api.asked"
        if asked and method == "POST":
            for body in _bodies(event.raw):
                self._note(_place_of(body["configuration"]), body["configuration"])
        if (asked and method != "PUT") or (not asked and int(facts.get("status") or 0) >= 300):
            return
        for body in _bodies(event.raw):
            id_ = path.rpartition("/")[2] if asked else str(body.get("id"))
            place = self._learn(id_, body["configuration"])
            if place is not None and isinstance(url := body.get("downlinkUrl"), str):
                self._urls.setdefault(place, set()).add(url)

    def _learn(self, id_: str, configuration: dict[str, Any]) -> Place | None:
        place = _place_of(configuration)
        if place is not None:
            self.ever.add(place)
            self._at.setdefault(place, set()).add(id_)
            self._note(place, configuration)
        names = configuration.get("headers")
        if isinstance(names, dict):
            self._headers.setdefault(id_, set()).update(str(name).lower() for name in names)
        return place

    def _note(self, place: Place | None, configuration: dict[str, Any]) -> None:
        """A configuration by which something may be delivered there from now on."""
        if place is not None and configuration not in (known := self._configured.setdefault(place, [])):
            known.append(configuration)

    def forget(self, session: object) -> None:
        """A session of MQTT has ended."""
        self.users.pop(session, None)

    def count(self, place: Place) -> int:
        """How many connections of this scenario have delivered there."""
        return len(self._at.get(place, ()))

    @property
    def urls(self) -> set[str]:
        """The downlink URLs of this scenario's connections."""
        return set().union(*self._urls.values())

    def urls_at(self, place: Place) -> set[str]:
        """The downlink URLs of the connections that deliver there, also of those that have done so before a PUT."""
        return self._urls.get(place, set())

    def configured_at(self, place: Place) -> list[dict[str, Any]]:
        """Every configuration of this scenario with which anything may have been delivered there, oldest first."""
        return self._configured.get(place, [])

    def any_is(self, option: str) -> bool:
        """Whether an option is true on any of this scenario's connections."""
        return any(one.get(option) is True for known in self._configured.values() for one in known)

    def names_at(self, place: Place) -> set[str]:
        """The headers, in lower case, of the connections that deliver there."""
        return {name for id_ in self._at.get(place, ()) for name in self._headers.get(id_, ())}

    @property
    def names(self) -> set[str]:
        """The headers of all connections."""
        return {name for names in self._headers.values() for name in names}


def _bodies(raw: bytes | None) -> Iterator[dict[str, Any]]:
    try:
        found = orjson.loads(raw or b"")
    except orjson.JSONDecodeError:
        return
    for body in found if isinstance(found, list) else [found]:
        if isinstance(body, dict) and isinstance(body.get("configuration"), dict):
            yield body


def _place_of(configuration: dict[str, Any]) -> Place | None:
    if configuration.get("hostName"):
        return "mqtt", str(configuration.get("username"))
    try:
        parts = urlsplit(str(configuration.get("destinationURL")))
        host = parts.hostname
    except ValueError:
        return None
    return (host.lower(), parts.path or "/") if host else None
