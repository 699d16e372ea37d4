"""Unaltered, and rightly completed: each document that arrives whole, whatever a scenario asks."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import orjson

from uplab.scenarios.checks.content.additions import Additions
from uplab.scenarios.checks.deliveries import place_of
from uplab.scenarios.checks.difference import difference, doubles, numbers, text_of, without_additions
from uplab.scenarios.checks.standing.configured import Configurations
from uplab.scenarios.checks.standing.invariant import Breach, Invariant, holds_document, place_at
from uplab.scenarios.checks.standing.read import Read
from uplab.scenarios.history.history import Event
from uplab.scenarios.history.identity import find_report

__all__ = ["AlwaysUnaltered", "RightAdditions"]

_REMEMBERED = 4096  # documents that may still come
_UPLINK = "DevEUI_uplink"


class _Sent:
    """The documents that the tunnel has carried, of which one may still arrive."""

    def __init__(self) -> None:
        self._raw: OrderedDict[str, bytes] = OrderedDict()

    def see(self, event: Event) -> None:
        if event.hop == "tunnel.sent" and event.raw is not None:
            for id_ in event.ids:
                self._raw[id_] = event.raw
                self._raw.move_to_end(id_)
            while len(self._raw) > _REMEMBERED:
                self._raw.popitem(last=False)

    def of(self, event: Event) -> list[bytes]:
        """Those of which an arrival may be one; none of what is no whole delivery of a document."""
        if not holds_document(event):
            return []
        return [self._raw[id_] for id_ in event.ids if id_ in self._raw]


class AlwaysUnaltered(Invariant):
    """What the tunnel carried arrives with the same members, values and types; the root may be away by sendMetadata."""

    name = "unaltered"
    promise = "each document arrives as it was sent, member by member; only documented members are added"
    source = ("HTTP-15", "COM-15", "COM-16", "CONTRACT 4")
    advice = "pass the document on as it came"
    asks = "what differs between a document and what was posted?"

    def __init__(self, *, exact: bool = True) -> None:
        """Not `exact`: of a number what an IEEE double makes of it is promised, and no digit more."""
        super().__init__()
        self._sent = _Sent()
        self._read = numbers if exact else doubles

    def see(self, event: Event) -> None:
        """Compares each that arrives with what was sent: as the machine reads it, and by digits where that differs."""
        self._sent.see(event)
        sent = self._sent.of(event)
        if not sent:
            return
        arrived = _parsed(event.raw)
        if any(_alike(_parsed(one), arrived) for one in sent):
            return
        found = [_differs(one, event.raw or b"", self._read) for one in sent]
        if all(found):
            self.breaches.append(
                Breach(f"{event.ids[0]} arrived at {place_of(event)} altered at {found[0]}", event.ids)
            )


class RightAdditions(Invariant):
    """`payload`, `points`, `payloadDecodedError`, `downlinkUrl` and the driver's id are right, where they may stand."""

    name = "right additions"
    promise = (
        "what is added to an uplink is its own decoded payload or error, its connection's downlinkUrl, its driver's id"
    )
    source = ("HTTP-15", "COM-17", "DL-02", "CONTRACT 2", "CONTRACT 4", "CONTRACT 5")
    advice = "is something of another uplink or connection added, or a value of 0 or false left out?"
    asks = "what was added to a document, and is it right?"

    def __init__(
        self,
        configured: Configurations,
        read: Read,
        users: dict[object, str] | None = None,
        *,
        drivers: bool,
        downlinks: bool,
    ) -> None:
        """`users` are those of the sessions of MQTT."""
        super().__init__()
        self._configured = configured
        self._users = users if users is not None else {}
        self._read = read
        self._downlinks = downlinks
        self._additions = Additions(drivers=drivers)
        self._sent = _Sent()
        self._urls: list[tuple[object, tuple[str, str], Event]] = []  # judged when all connections are known

    def see(self, event: Event) -> None:
        """Judges each uplink that arrives whole; with its root away it is one as well."""
        self._sent.see(event)
        for raw in self._sent.of(event)[:1]:
            sent, arrived = find_report(_parsed(raw)), find_report(_parsed(event.raw))
            if sent is None or arrived is None or sent[0] != arrived[0]:
                continue
            unread = [name for name in arrived[1] if name not in sent[1] and name not in Additions.known]
            self._read.note(str(event.facts.get("fake")), "member", unread, arrived[1])
            url = arrived[1].get("downlinkUrl")
            if sent[0] != _UPLINK:
                if url is not None and "downlinkUrl" not in sent[1]:
                    self._break(event, "has a downlinkUrl, which belongs in uplinks only")
                continue
            for problem in self._additions.problems(sent[1], arrived[1]):
                self._break(event, problem)
            self._urls.append((url, place_at(event, self._users), event))

    def close(self) -> None:
        """An uplink has the URL of a connection that delivers there."""
        for url, place, event in self._urls:
            known = self._configured.urls_at(place)
            if known and self._downlinks and url not in known:
                self._break(event, "has no downlinkUrl" if url is None else "has a downlinkUrl of another connection")
            elif url is not None and not isinstance(url, str):
                self._break(event, f"has a downlinkUrl that is no text: {text_of(url):.80}")
        self._urls.clear()

    def _break(self, event: Event, what: str) -> None:
        self.breaches.append(Breach(f"{event.ids[0]} at {place_of(event)} {what}", event.ids))


def _alike(sent: Any, arrived: Any) -> bool:
    """Whether nothing but documented members differs, numbers as a machine reads them."""
    if sent is None or arrived is None:
        return False
    return bool(_bare(sent) == _bare(arrived))


def _differs(sent: bytes, arrived: bytes, read: Callable[[bytes], Any]) -> str | None:
    try:
        return difference(_bare(read(sent)), _bare(read(arrived)))
    except ValueError:
        return "its first byte: it is no JSON"


def _bare(document: Any) -> Any:
    """What stands under the root, which may be away, without what may be added."""
    found = find_report(document)
    return without_additions({found[0]: found[1]})[found[0]] if found is not None else document


def _parsed(raw: bytes | None) -> Any:
    try:
        return orjson.loads(raw or b"")
    except orjson.JSONDecodeError:
        return None
