"""The good one beside the bad one: two documents of one kind, hop by hop and field by field, first difference marked.

What differs from one uplink to the next anyway (counter, time, measurements) is compared by what became of it on the
way: as sent, altered, missing or added.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import orjson

from uplab.reports.text import one_line
from uplab.reports.way.hops import acknowledged, place
from uplab.scenarios.history.event import Event

__all__ = ["Beside", "Compared", "beside"]

_MOST_ROWS = 60
_MOST_FIELDS = 400  # of one document
_DEPTH = 8
_SENT = ("device.sent", "gateway.heard", "network.document", "network.joined")
_OWN = {"content-length", "date", "host", "traceparent", "idempotency-key", "user-agent", "x-request-id"}
"""Headers whose values say nothing of an uplink's kind."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One field at a hop of both; `first` marks the first that differs."""

    where: str
    field: str
    good: str
    bad: str
    differs: bool
    first: bool = False


@dataclass(frozen=True, slots=True)
class Beside:
    """The comparison: `near` says why the good one was chosen, `same` counts the fields that are alike."""

    good: str
    bad: str
    near: str
    rows: tuple[Compared, ...]
    same: int
    left_out: int = 0

    @property
    def first(self) -> Compared | None:
        """The first difference."""
        return next((row for row in self.rows if row.first), None)


@dataclass(frozen=True, slots=True)
class _Step:
    """A hop of one document, with all that can be compared."""

    key: tuple[str, str]
    fields: Mapping[str, str]


def beside(good: Sequence[Event], bad: Sequence[Event], *, ids: tuple[str, str], near: str) -> Beside:
    """Lays the events of the document that went well beside those of the one that did not.

    Rows are those that differ, in the order of the way; a hop that only one of them reached is one row.
    """
    left, right = _steps(good, ids[0]), _steps(bad, ids[1])
    rows: list[Compared] = []
    same = 0
    for one, other in _aligned(left, right):
        found = list(_compared(one, other))
        same += sum(not row.differs for row in found)
        rows += [row for row in found if row.differs]
    if rows:
        first = rows[0]
        rows[0] = Compared(first.where, first.field, first.good, first.bad, differs=True, first=True)
    return Beside(*ids, near, tuple(rows[:_MOST_ROWS]), same, max(0, len(rows) - _MOST_ROWS))


def _aligned(left: Sequence[_Step], right: Sequence[_Step]) -> Iterator[tuple[_Step | None, _Step | None]]:
    keys = [step.key for step in left], [step.key for step in right]
    for kind, a, b, c, d in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from zip(left[a:b], right[c:d], strict=True)
            continue
        yield from ((step, None) for step in left[a:b])
        yield from ((None, step) for step in right[c:d])


def _compared(good: _Step | None, bad: _Step | None) -> Iterator[Compared]:
    if good is None or bad is None:
        there = good or bad
        assert there is not None
        said = there.fields.get("", "") or "it did"
        yield Compared(_where(there.key), "the hop itself", said if good else "–", said if bad else "–", differs=True)  # noqa: RUF001 - meant
        return
    where = _where(good.key)
    for name in dict.fromkeys((*good.fields, *bad.fields)):
        if name == "":
            continue
        one, other = good.fields.get(name, "absent"), bad.fields.get(name, "absent")
        # Not every document has every member: one more gateway is no difference where it came as it was sent.
        differs = one != other and {one, other} != {"absent", "as sent"}
        yield Compared(where, name, one, other, differs)


def _where(key: tuple[str, str]) -> str:
    hop, named = key
    return f"{named}: {hop.partition('.')[2] or hop}"


def _steps(events: Iterable[Event], id_: str) -> list[_Step]:
    """The hops of one document from the tunnel on, those of the radio as one for each kind."""
    found: list[_Step] = []
    sent: Mapping[str, str] = {}
    for event in events:
        if id_ not in event.ids:
            continue
        if event.hop == "network.document":
            sent = _flat(event.facts.get("document"))
        key = (event.hop, place(event.hop, event.facts))
        if event.hop in _SENT and any(step.key == key for step in found):
            continue  # several gateways
        found.append(_Step(key, dict(_fields(event, sent))))
    return found


def _fields(event: Event, sent: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What can be compared at a hop; under the empty name its words for a hop that the other one lacks."""
    facts = event.facts
    match event.hop:
        case "tunnel.answered":
            yield "", f"{facts.get('outcome')}, {facts.get('status')}"
            yield "outcome", str(facts.get("outcome"))
            yield "status", str(facts.get("status"))
        case "destination.arrived":
            yield "", f"{facts.get('method')} {facts.get('url')}"
            yield "request", one_line(f"{facts.get('method')} {_path(facts.get('url'))}", 120)
            yield from _headers(facts.get("headers"))
            yield from _became(event, sent)
        case "destination.published":
            yield "", f"PUBLISH {facts.get('topic')}"
            for name in ("topic", "qos", "retain", "duplicate", "level"):
                yield name, one_line(str(facts.get(name)), 120)
            yield from _became(event, sent)
        case "destination.answered":
            yield "", f"answered {facts.get('status')}"
            yield "status", str(facts.get("status"))
            yield "written", "whole" if facts.get("written") else "broken off"
        case "destination.acknowledged":
            yield "", str(facts.get("kind"))
            yield "taken", "yes" if acknowledged(facts) else f"refused, code {facts.get('code')}"
        case "fault.delivered":
            yield "", one_line(str(facts.get("action")), 120)
            yield "fault", one_line(str(facts.get("fault")), 120)
        case "network.document":
            yield "root", str(facts.get("root"))
            yield "members", _members(sent)
        case "network.downlink":
            yield "", str(facts.get("outcome"))
            yield "outcome", one_line(f"{facts.get('outcome')} {facts.get('cause') or ''}".strip(), 120)


def _path(url: object) -> str:
    return str(url or "").partition("?")[0]


def _headers(headers: object) -> Iterator[tuple[str, str]]:
    pairs = [pair for pair in headers if isinstance(pair, list) and len(pair) == 2] if isinstance(headers, list) else []
    for name, value in pairs[:80]:
        if str(name).lower() not in _OWN:
            yield f"header {one_line(str(name), 60)}", one_line(str(value), 120)


def _members(sent: Mapping[str, str]) -> str:
    return f"{len(sent)}: {one_line(', '.join(sent), 160)}" if sent else "none"


def _became(event: Event, sent: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What became of each member that was sent, and what was added to it."""
    try:
        body = orjson.loads(event.raw or b"null")
    except orjson.JSONDecodeError:
        yield "body", "no JSON"
        return
    arrived = _flat(body)
    if not sent or not sent.keys() & arrived.keys():  # another form than the document's: telemetry
        yield "members", _members({name: "" for name in sorted(arrived) if not name.startswith("0")})
        return
    for name, value in sent.items():
        now = arrived.get(name)
        if now is None:
            yield f"body {name}", "missing"
        elif now != value:
            yield f"body {name}", f"altered: {one_line(value, 50)} became {one_line(now, 50)}"
        else:
            yield f"body {name}", "as sent"
    yield from ((f"body {name}", "added") for name in arrived if name not in sent)


def _flat(value: Any, at: str = "", depth: int = 0) -> dict[str, str]:
    """The members of a document by their paths, as far as they are many; values as JSON."""
    found: dict[str, str] = {}
    items: Iterable[tuple[str, Any]]
    if isinstance(value, dict) and depth < _DEPTH:
        items = value.items()
    elif isinstance(value, list) and depth < _DEPTH:
        items = ((str(n), one) for n, one in enumerate(value))
    else:
        return {at: orjson.dumps(value).decode()} if at else {}
    for name, one in items:
        found |= _flat(one, f"{at}.{name}" if at else str(name), depth + 1)
        if len(found) > _MOST_FIELDS:
            break
    return found
