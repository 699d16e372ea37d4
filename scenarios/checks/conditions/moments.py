"""Conditions of a moment: what happens while something else is under way, in the order of the history."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import orjson

from uplab.scenarios.checks.deliveries import ANSWERS, ARRIVALS
from uplab.scenarios.history.event import Event
from uplab.scenarios.history.identity import REFUSED

__all__ = ["OF_MOMENTS", "Moments"]

OF_MOMENTS: Final[tuple[tuple[str, str, str], ...]] = (
    ("an uplink while another waits", "moment", "HTTP-08"),
    ("PUT while something waits", "moment", "CONTRACT 4"),
    ("PUT beside another connection", "moment", "COM-02"),
    ("DELETE while something waits", "moment", "HTTP-03"),
    ("a flow with several connectors", "moment", "COM-22"),
    ("a device in several flows", "moment", "COM-22"),
    ("a flow is taken away", "moment", "COM-22"),
    ("a dozen connections", "moment", "COM-22"),
    ("a hundred devices", "moment", "HTTP-13"),
    ("a device joins anew", "moment", "LoRaWAN 1.0.4"),
    ("stopped and started", "moment", "COM-18"),
    ("stopped while a delivery is open", "moment", "COM-18"),
    ("killed and started", "moment", "COM-18"),
    ("killed while something waits", "moment", "COM-18"),
    ("killed while a delivery is open", "moment", "COM-18"),
    ("a link of MQTT ends", "moment", "TB-16"),
    ("a downlink", "way back", "DL-04"),
    ("a downlink without FPort", "way back", "DL-06"),
    ("a downlink is refused", "way back", "DL-13"),
    ("a downlink is rejected by the network", "way back", "DL-11"),
    ("a downlink while a delivery is open", "way back", "DL-12"),
    ("an uplink is refused", "way in", "CONTRACT 2"),
    ("a document of more than 100,000 bytes", "way in", "COM-16"),
    ("an answer of 3xx", "fault", "HTTP-17"),
    ("an answer of 4xx", "fault", "HTTP-16"),
    ("an answer of 5xx", "fault", "HTTP-16"),
    ("no answer", "fault", "HTTP-19"),
    ("a slow answer", "fault", "HTTP-19"),
    ("an enormous answer", "fault", "HTTP-19"),
    ("cut off before its answer", "fault", "HTTP-16"),
    ("cut off within its answer", "fault", "HTTP-16"),
    ("CONNECT is refused", "fault", "TB-18"),
    ("PUBACK is withheld", "fault", "TB-16"),
    ("PUBACK comes twice", "fault", "TB-16"),
    ("the subscription is refused", "fault", "TB-13"),
    ("a session is taken over", "fault", "TB-16"),
)
"""Name, what it is about, and who says that it may be met."""

_BY_ACTION: Final[Mapping[str, str]] = {
    "Hang": "no answer",
    "Delay": "a slow answer",
    "Drip": "a slow answer",
    "HugeBody": "an enormous answer",
    "Endless": "an enormous answer",
    "Redirect": "an answer of 3xx",
    "ResetBeforeBody": "cut off before its answer",
    "ResetAfterBody": "cut off before its answer",
    "HalfAnswer": "cut off within its answer",
    "RefuseConnect": "CONNECT is refused",
    "WithholdPuback": "PUBACK is withheld",
    "RepeatPuback": "PUBACK comes twice",
    "RefuseSubscribe": "the subscription is refused",
    "TakeOver": "a session is taken over",
}
_LARGE = 100_000  # bytes
_DOZEN, _HUNDRED = 12, 100


class Moments:
    """Names the conditions that a line meets; what it keeps is of the scenario that runs."""

    def __init__(self) -> None:
        self._handlers: dict[str, Callable[[Event], Iterator[str]]] = {
            "tunnel.sent": self._sent,
            "tunnel.answered": self._ingress,
            **dict.fromkeys(ARRIVALS, self._arrived),
            **dict.fromkeys(ANSWERS, self._answered),
            "destination.closed": self._closed,
            "network.joined": self._join,
            "network.downlink": self._network,
            "downlink.posted": self._downlink,
            "forwarder.ended": self._ended,
            "fault.delivered": _fault,
            **dict.fromkeys(("api.asked", "api.answered", "connection.given"), self._configured),
        }
        self.begin()

    def begin(self) -> None:
        """Another scenario: its documents, connections and devices are its own."""
        self._open: dict[object, tuple[str, ...]] = {}
        self._waiting: set[str] = set()
        self._connections: set[str] = set()
        self._bound: dict[str, int] = {}
        self._joined: set[str] = set()
        self._devices: set[str] = set()

    def see(self, event: Event) -> Iterator[str]:
        """The names of those that it meets."""
        handler = self._handlers.get(event.hop)
        if handler is not None:
            yield from handler(event)

    def _ingress(self, event: Event) -> Iterator[str]:
        if event.facts["outcome"] == "refused":
            yield "an uplink is refused"
        elif self._waiting:
            yield "an uplink while another waits"

    def _arrived(self, event: Event) -> Iterator[str]:
        if event.facts.get("qos") != 0:
            self._open[event.facts["exchange"]] = event.ids
        yield from ()

    def _closed(self, _event: Event) -> Iterator[str]:
        yield "a link of MQTT ends"

    def _join(self, event: Event) -> Iterator[str]:
        device = event.facts["dev_eui"]
        if device in self._joined:
            yield "a device joins anew"
        self._joined.add(device)

    def _network(self, event: Event) -> Iterator[str]:
        if event.facts["outcome"] == "rejected":
            yield "a downlink is rejected by the network"

    def _sent(self, event: Event) -> Iterator[str]:
        if len(event.raw or b"") > _LARGE:
            yield "a document of more than 100,000 bytes"
        device = str(event.facts.get("dev_eui")).upper()
        if device not in self._devices:
            self._devices.add(device)
            if len(self._devices) == _HUNDRED:
                yield "a hundred devices"

    def _answered(self, event: Event) -> Iterator[str]:
        """What was not taken waits."""
        ids, facts = self._open.pop(event.facts["exchange"], ()), event.facts
        if event.hop == "destination.acknowledged":
            taken = int(facts.get("code") or 0) < REFUSED
        else:
            taken = 200 <= int(facts.get("status") or 0) < 300 and bool(facts.get("written") or facts.get("headed"))
        if taken:
            self._waiting.difference_update(ids)
        else:
            self._waiting.update(ids)
        yield from ()

    def _downlink(self, event: Event) -> Iterator[str]:
        facts = event.facts
        if int(facts.get("status") or 0) >= 400:
            yield "a downlink is refused"
            return
        yield "a downlink"
        if facts.get("f_port") is None:
            yield "a downlink without FPort"
        if any(self._open.values()):
            yield "a downlink while a delivery is open"

    def _ended(self, event: Event) -> Iterator[str]:
        how = event.facts["how"]
        yield f"{how} and started"
        if self._waiting and how == "killed":
            yield "killed while something waits"
        if any(self._open.values()):
            yield f"{how} while a delivery is open"
        self._open.clear()

    def _configured(self, event: Event) -> Iterator[str]:
        facts = event.facts
        method, path = facts.get("method", "POST"), str(facts.get("path", "/connections")).partition("?")[0]
        if event.hop != "api.asked":
            made = event.hop == "connection.given" or (method, path, facts.get("status")) == (
                "POST",
                "/connections",
                201,
            )
            if made:
                self._connections.add(str(facts.get("connection") or event.seq))
                if len(self._connections) == _DOZEN:
                    yield "a dozen connections"
            return
        if path.startswith("/connections/") and method in ("PUT", "DELETE"):
            if self._waiting:
                yield f"{method} while something waits"
            if method == "PUT" and len(self._connections) > 1:
                yield "PUT beside another connection"
        elif path.startswith("/flows/") and method == "DELETE":
            yield "a flow is taken away"
        elif path == "/flows" and method == "POST":
            yield from self._flow(event.raw)

    def _flow(self, raw: bytes | None) -> Iterator[str]:
        try:
            body = orjson.loads(raw or b"")
        except orjson.JSONDecodeError:
            return
        if not isinstance(body, dict):
            return
        if len(_objects(body.get("connectors"))) > 1:
            yield "a flow with several connectors"
        for key in {str(one.get("key")).lower() for one in _objects(body.get("matchers")) if "key" in one}:
            self._bound[key] = self._bound.get(key, 0) + 1
            if self._bound[key] == 2:
                yield "a device in several flows"


def _fault(event: Event) -> Iterator[str]:
    """By what was done: `Status(code=503)`, `Delay(s=1.3, then=ResetAfterBody())`."""
    name, _, values = str(event.facts["action"]).partition("(")
    if name == "Status":
        code = values.partition("code=")[2][:1]
        if code in "345" and code:
            yield f"an answer of {code}xx"
    elif name in _BY_ACTION:
        yield _BY_ACTION[name]


def _objects(given: Any) -> list[dict[str, Any]]:
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
