"""The connections that the API was told of and has shown, or that were given: where and how each delivers, and when."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson

from uplab.scenarios.checks.standing.invariant import Place, session_of
from uplab.scenarios.history.history import Event
from uplab.simulator.devices.namespace import own_url

__all__ = ["Configured", "Connections", "place_of_configuration", "resources"]

_ALWAYS = float("inf")
_RESOURCE = 2  # parts of a path: /connections/1, and nothing below it


@dataclass(slots=True)
class Configured:
    """One configuration of a connection, from a line of the history to another.

    `headers` are its values by their names in lower case. `whole` is false where it may send less than the document,
    `gone_s` says when the connection was deleted, in monotonic seconds; `patience_s` for how long it awaits an answer,
    where its configuration says so.
    """

    connection: str
    place: Place
    headers: Mapping[str, str]
    since: int
    until: float = _ALWAYS
    whole: bool = True
    gone_s: float = _ALWAYS
    patience_s: float = _ALWAYS


@dataclass(slots=True)
class _Asked:
    """A POST or PUT that is not answered yet."""

    line: int
    body: Mapping[str, Any]
    made: list[Configured] = field(default_factory=list)


class Connections:
    """What is configured in the scenario that runs, and every place that was configured in the run."""

    hops = frozenset({"api.asked", "api.answered", "connection.given", "destination.connected"})

    def __init__(self, namespace: str = "") -> None:
        self._namespace = namespace
        self.users: dict[object, str] = {}  # of the sessions of MQTT
        self.ever: set[Place] = set()
        self.elsewhere = False
        """Whether one was made elsewhere than over the API, as on a page: what it is bound to is not known."""
        self._known: dict[str, list[Configured]] = {}
        self._asked: dict[tuple[str, str], deque[_Asked]] = {}

    def begin(self) -> None:
        """Another scenario: its connections are its own."""
        self._known.clear()
        self._asked.clear()
        self.elsewhere = False

    def forget(self, session: object) -> None:
        """A session of MQTT has ended."""
        self.users.pop(session, None)

    def see(self, event: Event) -> None:
        """Learns from what was asked to change and from every answer that shows a connection."""
        facts = event.facts
        if event.hop == "destination.connected":
            self.users[session_of(facts)] = str(facts.get("username"))
            return
        if event.hop == "connection.given":
            given = str(facts.get("connection"))
            self._end(given, event.seq)  # ids may come again in the next scenario
            for body in resources(event.raw):
                if made := self._configured(given, body, event.seq):
                    self._add(made)
            return
        method, path = str(facts.get("method")), str(facts.get("path")).partition("?")[0]
        parts = path.strip("/").split("/")
        if parts[0] != "connections" or len(parts) > _RESOURCE:
            return
        if event.hop == "api.asked":
            self._ask(event, method, path, parts[-1])
        elif int(facts.get("status") or 0) < 300:
            self._take(event, method, path, parts[-1])
        elif waiting := self._asked.get((method, path)):
            for made in waiting.popleft().made:  # it was refused: none of it holds
                made.until = made.since

    def _ask(self, event: Event, method: str, path: str, id_: str) -> None:
        """From a PUT on either configuration may be seen at work, until it is answered."""
        if method not in ("POST", "PUT"):
            return
        asked = _Asked(event.seq, next(resources(event.raw), {}))
        if method == "PUT" and (made := self._configured(id_, asked.body, event.seq)):
            asked.made.append(made)
            self._add(made)
        self._asked.setdefault((method, path), deque()).append(asked)

    def _take(self, event: Event, method: str, path: str, id_: str) -> None:
        waiting = self._asked.get((method, path))
        asked = waiting.popleft() if waiting else None
        if method == "DELETE":
            self._end(id_, event.seq)
            for one in self._known.get(id_, ()):
                one.gone_s = min(one.gone_s, event.monotonic_s)
        elif method == "PUT" and asked is not None:
            self._end(id_, event.seq, before=asked.line)
        for body in resources(event.raw):
            shown = str(body.get("id"))
            if method == "POST":
                since = asked.line if asked is not None else event.seq
                self._end(shown, since)  # ids may come again with another forwarder
                # A password is masked in an answer, and so may be a header: what was asked for tells more.
                if made := self._configured(shown, asked.body if asked is not None and asked.body else body, since):
                    self._add(made)
            elif made := self._configured(shown, body, 0):
                self.elsewhere = self.elsewhere or shown not in self._known
                if all(one.place != made.place for one in self._known.get(shown, ())):
                    self._add(made)

    def _configured(self, id_: str, body: Mapping[str, Any], since: int) -> Configured | None:
        configuration = body.get("configuration")
        if not isinstance(configuration, dict):
            return None
        place = place_of_configuration(configuration, self._namespace)
        if place is None:
            return None
        headers = configuration.get("headers")
        named = headers if isinstance(headers, dict) else {}
        values = {str(name).lower(): str(value) for name, value in named.items()}
        whole = configuration.get("sendRawDecodedFormat") in (None, False)
        return Configured(id_, place, values, since, whole=whole, patience_s=_patience_s(configuration))

    def _add(self, made: Configured) -> None:
        self.ever.add(made.place)
        self._known.setdefault(made.connection, []).append(made)

    def _end(self, id_: str, line: int, *, before: float = _ALWAYS) -> None:
        """What was configured of a connection ends; of what is newer than `before` nothing does."""
        for one in self._known.get(id_, ()):
            if one.since < before:
                one.until = min(one.until, line)

    def of(self, ids: frozenset[str] | None, since: int) -> Iterator[Configured]:
        """The configurations of these connections, of all where none are named, that held at this line or later."""
        for id_ in self._known if ids is None else ids:
            for one in self._known.get(id_, ()):
                if one.until > max(since, one.since):  # what was refused holds at no line
                    yield one


def resources(raw: bytes | None) -> Iterator[dict[str, Any]]:
    """The connections that a body holds: one, or a list of them."""
    try:
        found = orjson.loads(raw or b"")
    except orjson.JSONDecodeError:
        return
    for body in found if isinstance(found, list) else [found]:
        if isinstance(body, dict) and isinstance(body.get("configuration"), dict):
            yield body


_ACTION_TIMEOUT_MS = 1000  # of a connection to a broker that says none (Connector/MQTT page)


def _patience_s(configuration: Mapping[str, Any]) -> float:
    """How long an acknowledgement is awaited; only connections to brokers say so."""
    if "uplinkTopicPattern" not in configuration:
        return _ALWAYS
    given = configuration.get("actionTimeout", _ACTION_TIMEOUT_MS)
    return given / 1000 if isinstance(given, int | float) else _ALWAYS


def place_of_configuration(configuration: Mapping[str, Any], namespace: str = "") -> Place | None:
    """Where it delivers, as a run of this namespace calls it; None where that cannot be read, or is another run's."""
    if configuration.get("hostName"):
        return "mqtt", str(configuration.get("username"))
    try:
        parts = urlsplit(str(configuration.get("destinationURL")))
        host = parts.hostname
    except ValueError:
        return None
    path = own_url(parts.path or "/", namespace)
    return (host.lower(), path) if host and path is not None else None
