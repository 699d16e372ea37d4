"""Which connections each document may go to: a device is bound as the flows stand when the forwarder accepts it."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from uplab.scenarios.checks.standing.connections import Configured, Connections
from uplab.scenarios.checks.standing.invariant import Place
from uplab.scenarios.checks.standing.ranges import Ranges
from uplab.scenarios.history.event import Event
from uplab.scenarios.history.identity import find_report

__all__ = ["Bindings"]

_ALWAYS = float("inf")
_GROUP = b"DevEUI_multicast_summary"  # its DevEUI is that of a group, which no flow names


@dataclass(slots=True)
class _Flow:
    """A flow, from a line of the history to another."""

    keys: frozenset[str]
    tags: tuple[frozenset[str], ...]
    connections: frozenset[str]
    since: int
    until: float = _ALWAYS


@dataclass(frozen=True, slots=True)
class _Post:
    """A document on its way to the forwarder."""

    ids: tuple[str, ...]
    line: int
    device: str
    tags: frozenset[str]


class Bindings:
    """The flows of the scenario that runs, and of each document what it was bound to when it was accepted.

    What changes while a document is being posted counts for it either way.
    """

    hops = frozenset({"api.asked", "api.answered", "tunnel.sent", "tunnel.answered"})

    def __init__(self, connections: Connections, *, flows: bool = True) -> None:
        """Without `flows` every device is bound to every connection."""
        self._connections = connections
        self._routed = flows
        self._strange = False  # whether flows were made elsewhere, or may have been
        self._flows: dict[str, list[_Flow]] = {}
        self._asked: dict[tuple[str, str], deque[_Flow]] = {}
        self._by_key: dict[str, list[_Flow]] = {}
        self._by_tag: list[_Flow] = []
        self._over: dict[str, Ranges] = {}  # documents of earlier scenarios, by the kind of their ids
        self._changed = 0  # the line of the newest flow
        self._posts: dict[object, _Post] = {}
        self._bound: dict[str, tuple[int, frozenset[str], str]] = {}  # by id: the line, connections, the device

    def begin(self) -> None:
        """Another scenario: its devices and flows are its own, and all that the last one had made is deleted."""
        if self._routed and not self._strange and not self._connections.elsewhere:
            for id_ in self._bound:
                self._over.setdefault(id_[0], Ranges()).add(int(id_[1:]))
        for one in (self._flows, self._asked, self._by_key, self._posts, self._bound):
            one.clear()
        self._by_tag.clear()
        self._strange = False

    def see(self, event: Event) -> None:
        """Learns what is bound to what, and when a document was accepted."""
        if event.hop == "tunnel.sent":
            self._post(event)
        elif event.hop == "tunnel.answered":
            post = self._posts.pop(event.facts.get("attempt"), None)
            if post is not None and self._changed > post.line:
                self._bind(post)
        else:
            path = str(event.facts.get("path")).partition("?")[0]
            parts = path.strip("/").split("/")
            if parts[0] == "flows":
                self._flow(event, str(event.facts.get("method")), path, parts[1] if len(parts) > 1 else "")

    def _post(self, event: Event) -> None:
        if not event.ids or not self._routed or _GROUP in (event.raw or b""):
            return
        tags = _tags_of(event.raw) if self._by_tag or b'"tags"' in (event.raw or b"") else frozenset()
        post = _Post(event.ids, event.seq, str(event.facts.get("dev_eui")).upper(), tags)
        self._posts[event.facts.get("attempt")] = post
        self._bind(post)

    def _bind(self, post: _Post) -> None:
        bound: set[str] = set()
        for flow in (*self._by_key.get(post.device, ()), *self._by_tag):
            by_tag = any(wanted <= post.tags for wanted in flow.tags)
            if flow.until > post.line and (by_tag or post.device in flow.keys):
                bound |= flow.connections
        for id_ in post.ids:
            since, before, device = self._bound.get(id_, (post.line, frozenset(), post.device))
            self._bound[id_] = since, before | bound, device

    def _flow(self, event: Event, method: str, path: str, id_: str) -> None:
        waiting = self._asked.get((method, path))
        if event.hop == "api.asked":
            if method in ("POST", "PUT") and (flow := _flow_of(event)):
                self._asked.setdefault((method, path), deque()).append(flow)
                self._add(flow)
            return
        asked = waiting.popleft() if waiting else None
        if int(event.facts.get("status") or 0) >= 300:
            if asked is not None:
                asked.until = asked.since
            self._strange = self._strange or method == "GET"  # no list: nobody can say what a page has bound
        elif method == "GET":
            self._strange = self._strange or any(shown not in self._flows for shown in _ids_of(event.raw))
        else:
            name = id_ or next(_ids_of(event.raw), "")
            for one in self._flows.get(name, ()) if method in ("PUT", "DELETE") else ():
                one.until = min(one.until, event.seq)
            if asked is not None:
                self._flows.setdefault(name, []).append(asked)

    def _add(self, flow: _Flow) -> None:
        self._changed = flow.since
        for key in flow.keys:
            self._by_key.setdefault(key, []).append(flow)
        if flow.tags:
            self._by_tag.append(flow)

    def may_have(self, id_: str) -> list[Configured] | None:
        """What was configured, at its acceptance or later, of the connections that a document was bound to.

        None where that is not known: it is of an earlier scenario, or a flow was made elsewhere than over the API.
        """
        if not self._routed:
            return list(self._connections.of(None, 0))
        known = self._bound.get(id_)
        if known is None or self._strange or self._connections.elsewhere:
            return None
        since, bound, _ = known
        return list(self._connections.of(bound, since))

    def is_over(self, id_: str) -> bool:
        """Whether it is of an earlier scenario, whose connections are deleted."""
        return id_[0] in self._over and int(id_[1:]) in self._over[id_[0]]

    def device_of(self, id_: str) -> str:
        """Whose document it is, as far as that is known."""
        return self._bound[id_][2] if id_ in self._bound else ""

    def may_go(self, id_: str, place: Place) -> bool:
        """Whether a document may arrive at a place, as far as that is known."""
        known = self.may_have(id_)
        return known is None or any(one.place == place for one in known)

    def times(self, id_: str, place: Place) -> int:
        """How many connections may deliver a document at a place: each of them once."""
        known = self.may_have(id_)
        there = self._connections.of(None, 0) if known is None else known
        return max(1, len({one.connection for one in there if one.place == place}))


def _flow_of(event: Event) -> _Flow | None:
    body = _json(event.raw)
    if not isinstance(body, dict):
        return None
    matchers, connectors = _objects(body.get("matchers")), _objects(body.get("connectors"))
    keys = frozenset(str(one.get("key")).rpartition(":")[2].upper() for one in matchers if one.get("type") == "key")
    tags = tuple(_tags(one.get("tags")) for one in matchers if one.get("type") != "key")
    return _Flow(keys, tags, frozenset(str(one.get("connectionId")) for one in connectors), event.seq)


def _tags_of(raw: bytes | None) -> frozenset[str]:
    found = find_report(_json(raw))
    data = found[1].get("CustomerData") if found else None
    return _tags(data.get("tags")) if isinstance(data, Mapping) else frozenset()


def _tags(given: Any) -> frozenset[str]:
    return frozenset(str(tag).strip().lower() for tag in given) if isinstance(given, list) else frozenset()


def _objects(given: Any) -> list[dict[str, Any]]:
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def _ids_of(raw: bytes | None) -> Iterator[str]:
    found = _json(raw)
    shown: Iterable[Any] = found if isinstance(found, list) else [found]
    for one in shown:
        if isinstance(one, dict) and "id" in one:
            yield str(one["id"])


def _json(raw: bytes | None) -> Any:
    try:
        return orjson.loads(raw or b"")
    except orjson.JSONDecodeError:
        return None
