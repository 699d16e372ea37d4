"""What is around a document, always: the configured headers of a POST, the topic of a message to a broker."""

import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from uplab.scenarios.checks.deliveries import place_of
from uplab.scenarios.checks.difference import text_of
from uplab.scenarios.checks.standing.configured import Configurations
from uplab.scenarios.checks.standing.connections import Connections
from uplab.scenarios.checks.standing.invariant import Breach, Invariant, Place, holds_document, place_at
from uplab.scenarios.checks.standing.read import Read
from uplab.scenarios.history.history import Event
from uplab.scenarios.history.identity import find_report

__all__ = ["COMMON", "AlwaysRightHeaders", "AlwaysRightTopics", "Reports", "resolved"]

# What any client may send by itself.
COMMON = frozenset(
    {
        "accept",
        "accept-charset",
        "accept-encoding",
        "accept-language",
        "connection",
        "content-encoding",  # judged by itself
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "te",
        "traceparent",
        "transfer-encoding",
        "user-agent",
    }
)
_WIDGELIX = "app.widgelix.com"
_REMEMBERED = 4096  # documents that may still come
_PATTERN = re.compile(r"\{([^{}]*)\}")
_PATH = re.compile(r"[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*", re.ASCII)
_MASKED = "*****"


class Reports:
    """What stands under the root of each document that was sent lately, read once for whoever asks."""

    hops = frozenset({"tunnel.sent"})

    def __init__(self) -> None:
        self._sent: OrderedDict[str, Mapping[str, Any]] = OrderedDict()

    def see(self, event: Event) -> None:
        """Remembers what was sent."""
        found = find_report(_parsed(event.raw)) if event.ids else None
        if found is None:
            return
        for id_ in event.ids:
            self._sent[id_] = found[1]
            self._sent.move_to_end(id_)
        while len(self._sent) > _REMEMBERED:
            self._sent.popitem(last=False)

    def of(self, event: Event) -> Mapping[str, Any] | None:
        """The report of the first document that a line is about; None where it is not remembered."""
        return self._sent.get(event.ids[0])


class AlwaysRightHeaders(Invariant):
    """Every delivered document has the headers of one configuration with which its connection was ever configured.

    A page may have made or changed it, which the API shows only later: judged when the scenario is over. A value that
    is masked, no ASCII or a pattern beyond plain paths is another check's.
    """

    name = "right headers"
    promise = (
        "each delivery is one POST of application/json, not packed, with the headers of its connection, each once, as"
        " configured"
    )
    source = ("HTTP-05", "HTTP-06", "HTTP-15", "WGX-05", "CONTRACT 4")
    advice = "are headers cut, kept from an earlier configuration, or resolved with another uplink?"
    asks = "which headers were configured for a document, and which came?"

    def __init__(self, configured: Configurations, reports: Reports, read: Read, *, documents: bool = True) -> None:
        """`documents` says that the document itself is delivered; another form may have a Content-Type of its own."""
        super().__init__()
        self._documents = documents
        self._configured = configured
        self._read = read
        self._reports = reports
        self._arrived: list[tuple[Place, Event, Mapping[str, Any]]] = []
        self._packed: list[tuple[Place, Event, str]] = []

    def see(self, event: Event) -> None:
        """Remembers what arrived with which headers."""
        facts = event.facts
        if event.hop != "destination.arrived" or not facts.get("delivery", True):
            return
        if facts["method"] == "POST" and (packed := _packed(facts.get("headers", ()))):
            self._packed.append((place_at(event, {}), event, packed))
        if not event.ids:
            return
        report = self._reports.of(event)
        if report is None or not facts.get("complete", True) or str(facts.get("url")).startswith("/api/plugins/"):
            return
        if facts["method"] != "POST":
            self._break(event, f"came by {facts['method']}, expected POST")
        media = [str(value) for name, value in facts["headers"] if str(name).lower() == "content-type"]
        json = len(media) == 1 and media[0].partition(";")[0].strip().lower() == "application/json"
        if self._documents and not json:
            self._break(event, f"Content-Type: expected application/json, received {', '.join(media) or 'nothing'}")
        self._arrived.append((place_at(event, {}), event, report))

    def close(self) -> None:
        """Compares with all configurations that there were."""
        for place, event, packed in self._packed:
            given = [one.get("headers") for one in self._configured.at(place)]
            if given and not any(_names(headers, "content-encoding") for headers in given):
                what = f"a POST at {place_of(event)} has the Content-Encoding {packed}, which no destination asks for"
                self.breaches.append(Breach(what, event.ids, here=not event.ids))
        self._packed.clear()
        for place, event, report in self._arrived:
            configured = [
                headers for one in self._configured.at(place) if isinstance(headers := one.get("headers", {}), dict)
            ]
            if not configured:
                continue
            got: dict[str, list[str]] = {}
            for name, value in event.facts["headers"]:
                got.setdefault(str(name).lower(), []).append(str(value))
            known = COMMON.union(*({str(name).lower() for name in one} for one in configured))
            self._read.note(str(event.facts.get("fake")), "header", set(got) - known, got)
            wrong = [_wrong(one, got, report, widgelix=place[0] == _WIDGELIX) for one in configured]
            if all(wrong):
                self._break(event, str(wrong[-1]))
        self._arrived.clear()

    def _break(self, event: Event, what: str) -> None:
        self.breaches.append(Breach(f"{event.ids[0]} at {place_of(event)} {what}", event.ids))


def _packed(headers: Iterable[tuple[str, Any]]) -> str:
    """How a body says that it is packed; empty where it says nothing, or identity."""
    said = [str(value).strip() for name, value in headers if str(name).lower() == "content-encoding"]
    return ", ".join(one for one in said if one.lower() not in ("", "identity"))


def _names(headers: object, wanted: str) -> bool:
    return isinstance(headers, dict) and any(str(name).lower() == wanted for name in headers)


class AlwaysRightTopics(Invariant):
    """Every document at a broker came to the topic of its own uplink.

    Held against all configurations that there were at that place. A pattern beyond plain paths is another check's.
    """

    name = "right topic"
    promise = "each message to a broker goes to the topic that its connection's pattern gives for it, with QoS 1"
    source = ("MQTT-04", "MQTT-05", "CONTRACT 4")
    advice = "is the pattern resolved with another uplink, or the topic kept from an earlier configuration?"
    asks = "to which topic did a document go, and which one was configured for it?"

    def __init__(self, configured: Configurations, reports: Reports, connections: Connections) -> None:
        super().__init__()
        self._configured = configured
        self._connections = connections
        self._reports = reports
        self._arrived: list[tuple[Place, Event, Mapping[str, Any]]] = []

    def see(self, event: Event) -> None:
        """Remembers what arrived at which topic."""
        if event.hop == "destination.published" and event.ids and holds_document(event):
            report = self._reports.of(event)
            if report is not None:
                self._arrived.append((place_at(event, self._connections.users), event, report))

    def close(self) -> None:
        """A page may have made the connection, which the API shows only later: judged when the scenario is over."""
        for place, event, report in self._arrived:
            known = [one for one in self._configured.at(place) if "uplinkTopicPattern" in one]
            if known and (wrong := _misled(known, event.facts, report)):
                self.breaches.append(Breach(f"{event.ids[0]} at {place_of(event)} {wrong}", event.ids))
        self._arrived.clear()


def _wrong(
    configured: Mapping[str, Any], got: Mapping[str, list[str]], report: Mapping[str, Any], *, widgelix: bool
) -> str | None:
    """The first header that is not as this configuration says."""
    for name, written in configured.items():
        wanted = resolved(written, report) if isinstance(written, str) and written.isascii() else None
        if wanted is None or _MASKED in wanted or name.lower() in ("content-type", "host", "content-length"):
            continue
        if widgelix and name.lower() == "authorization" and not wanted.lower().startswith("bearer "):
            wanted = f"Bearer {wanted}"
        found = got.get(name.lower(), [])
        if found != [wanted.strip()]:
            seen = text_of(found[0])[:80] if len(found) == 1 else f"{len(found)} of it" if found else "nothing"
            # Beside what came stands what was to come; that a pattern led there is told after it.
            pattern = "" if written in wanted else f"; it is configured as {text_of(written)[:80]}"
            return f"{name}: expected {text_of(wanted.strip())[:80]}, received {seen}{pattern}"
    return None


def _misled(known: list[Mapping[str, Any]], facts: Mapping[str, Any], report: Mapping[str, Any]) -> str | None:
    if facts.get("qos") != 1 or facts.get("retain"):
        return f"came with QoS {facts.get('qos')}{', retained' if facts.get('retain') else ''}, expected QoS 1"
    topics = [resolved(str(one["uplinkTopicPattern"]), report) for one in known]
    if None in topics or facts.get("topic") in topics:
        return None
    return f"came with the topic {facts.get('topic')}, expected {topics[-1]}"


def resolved(written: str, report: Mapping[str, Any]) -> str | None:
    """A value with its patterns put in; None where one is more than a path, or leads to no text, number or truth.

    A fraction is none of these: it may be written in several ways.
    """
    parts = []
    at = 0
    for pattern in _PATTERN.finditer(written):
        value: Any = report
        if not _PATH.fullmatch(pattern[1]):
            return None
        for name in pattern[1].split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if not isinstance(value, str | int) or not str(value).isascii():
            return None
        parts += [written[at : pattern.start()], str(value).lower() if isinstance(value, bool) else str(value)]
        at = pattern.end()
    return "".join([*parts, written[at:]])


def _parsed(raw: bytes | None) -> Any:
    try:
        return orjson.loads(raw or b"")
    except orjson.JSONDecodeError:
        return None
