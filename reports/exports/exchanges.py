"""The requests of a history with their answers, for the forms in which other tools read traffic."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from uplab.scenarios.history.event import Event

__all__ = ["Exchange", "exchanges", "phrase"]

Headers = tuple[tuple[str, str], ...]

# Which hop asks and which answers, by what fact the two belong together, and whom the request goes to.
_PAIRS = {
    "tunnel.sent": ("tunnel.answered", "attempt", "forwarder"),
    "destination.arrived": ("destination.answered", "exchange", "destination"),
    "api.asked": ("api.answered", None, "api"),
}
_ANSWERS = {answer: asks for asks, (answer, _, _) in _PAIRS.items()}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request over HTTP and what came of it; `status` is None where no answer was begun.

    `made_up` names what the history does not hold, and what stands here in its place.
    """

    begun: datetime
    took_ms: float
    to: str
    method: str
    url: str
    asked: Headers
    body: bytes
    status: int | None
    answered: Headers
    answer: bytes
    ids: tuple[str, ...]
    made_up: tuple[str, ...]


def exchanges(events: Iterable[Event]) -> Iterator[Exchange]:
    """The exchanges in the order of their ends; those that never ended come last, without an answer."""
    open_: dict[tuple[str, Any], list[Event]] = {}
    for event in events:
        if event.hop in _PAIRS:
            open_.setdefault(_key(event.hop, event), []).append(event)
        elif event.hop in _ANSWERS:
            waiting = open_.get(_key(_ANSWERS[event.hop], event))
            if waiting:
                yield _joined(waiting.pop(0), event)
        elif event.hop == "downlink.posted":
            yield _downlink(event)
    for waiting in open_.values():
        for asked in waiting:
            yield _joined(asked, None)


def _key(hop: str, event: Event) -> tuple[str, Any]:
    fact = _PAIRS[hop][1]
    return hop, event.facts.get(fact) if fact else (event.facts.get("method"), event.facts.get("path"))


def _joined(asked: Event, answered: Event | None) -> Exchange:
    facts = asked.facts
    made_up: list[str] = []
    if asked.hop == "destination.arrived":
        method, headers = str(facts.get("method") or "POST"), _pairs(facts.get("headers"))
        scheme = "http"
        made_up.append("the scheme: over TLS it was https")
        url = f"{scheme}://{facts.get('host') or facts.get('fake')}{facts.get('url') or '/'}"
        made_up.append(
            "the answer's headers" if answered is not None and answered.raw else "the answer's headers and body"
        )
    elif asked.hop == "tunnel.sent":
        method, url = "POST", str(facts.get("url"))
        headers = (("Host", urlsplit(url).netloc), ("Content-Type", "application/json"))
        made_up.append("the request's headers")
    else:
        method, url = str(facts.get("method")), f"http://forwarder.api{facts.get('path')}"
        headers = (("Host", "forwarder.api"), ("Content-Type", "application/json"))
        made_up += ["the API's address", "the request's headers"]
    end = answered.facts if answered is not None else {}
    return Exchange(
        datetime.fromisoformat(asked.wall),
        (answered.monotonic_s - asked.monotonic_s) * 1000 if answered is not None else 0.0,
        str(facts.get("fake") or _PAIRS[asked.hop][2]),
        method,
        url,
        headers,
        asked.raw or b"",
        end.get("status"),
        _pairs(end.get("headers")),
        (answered.raw if answered is not None else None) or b"",
        asked.ids,
        tuple(made_up),
    )


def _downlink(event: Event) -> Exchange:
    """The request is not in the history whole: its members are."""
    facts = event.facts
    url = str(facts.get("url"))
    return Exchange(
        datetime.fromisoformat(event.wall),
        0.0,
        "forwarder",
        "POST",
        url,
        (("Host", urlsplit(url).netloc), ("Content-Type", "application/json")),
        b"",
        facts.get("status"),
        _pairs(facts.get("headers")),
        event.raw or str(facts.get("answer") or "").encode(),
        event.ids,
        ("the request's headers and body", "how long it took"),
    )


def phrase(status: int | None) -> str:
    """The words beside a status; empty for one that has none."""
    try:
        return HTTPStatus(status or 0).phrase
    except ValueError:
        return "" if status else "no answer"


def _pairs(headers: Any) -> Headers:
    return tuple((str(name), str(value)) for name, value in headers or ())
