"""What each document of a world that was played has to do, by the oracle and by what it says itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import orjson

from uplab.scenarios.checks.checks import Route
from uplab.scenarios.history.identity import epoch_ms
from uplab.scenarios.history.secrets import redact_text
from uplab.scenarios.lab.witness import AnyPath
from uplab.scenarios.worlds.playing.bodies import NAMED, secret_of
from uplab.scenarios.worlds.wanted import Wanted, wanted

if TYPE_CHECKING:
    from uplab.scenarios.worlds.oracle import Due
    from uplab.scenarios.worlds.playing.stage import Document, Stage

__all__ = ["Drop", "Going", "GoingWay", "drops", "goings"]


@dataclass(frozen=True, slots=True)
class GoingWay:
    """One place and form in which a document may arrive; `signed` is the AS_ID of lrcCompliance, where it is on."""

    to: Route
    wanted: Wanted
    signed: str | None
    ported: bool


@dataclass(frozen=True, slots=True)
class Going:
    """A document on its way to a connection: `copies` times, by the step `by`. `ts` is its time in ms since 1970."""

    document: Document
    connection: str
    ways: tuple[GoingWay, ...]
    by: int
    certain: bool
    copies: int
    ts: int | None

    @property
    def places(self) -> tuple[Route, ...]:
        """Where it may arrive."""
        return tuple(dict.fromkeys(way.to for way in self.ways))

    @property
    def nameless(self) -> bool:
        """Whether only its time tells of it where it arrives: REST, and what is no uplink in telemetry."""
        if all(isinstance(way.to, AnyPath) for way in self.ways):
            return True
        told = any(way.wanted.shape == "telemetry" for way in self.ways)
        return told and "DevEUI_uplink" not in self.document.document

    @property
    def alone(self) -> bool:
        """Whether its decoded payload comes alone, so that nothing there names it."""
        return any(way.wanted.shape in ("payload", "either") for way in self.ways)


@dataclass(frozen=True, slots=True)
class Drop:
    """A document that a connection drops, and why in words."""

    document: Document
    connection: str
    why: str


def goings(stage: Stage) -> Iterator[Going]:
    """All that was accepted and is not dropped, with each connection to which it goes."""
    for one in _judged(stage):
        if isinstance(one, Going):
            yield one


def drops(stage: Stage) -> Iterator[Drop]:
    """All that is dropped for a documented reason."""
    for one in _judged(stage):
        if isinstance(one, Drop):
            yield one


def _judged(stage: Stage) -> Iterator[Going | Drop]:
    """Of each due what becomes of its documents; what was worked out once is kept, for as long as none came since."""
    by_step: dict[int, dict[str, Document]] = {}
    copies = Counter((one.step, one.id) for one in stage.sent if one.outcome == "accepted")
    for one in stage.sent:
        if one.outcome == "accepted":
            by_step.setdefault(one.step, {}).setdefault(one.id, one)
    for number, due in enumerate(stage.fates.dues):
        documents = by_step.get(due.step, {})
        known = stage.known.get(number)
        count = sum(copies[due.step, id_] for id_ in documents)
        if known is None or known[0] != count:
            known = count, [_of_due(stage, due, one, copies[due.step, one.id]) for one in documents.values()]
            stage.known[number] = known
        yield from known[1]


def _of_due(stage: Stage, due: Due, document: Document, copies: int) -> Going | Drop:
    held = stage.fates.ends[due.connection]
    ts = time_ms(document)
    age_s = 0.0 if ts is None else (document.posted_ms - ts) / 1000
    largest = stage.lab.profile.policy.largest_body
    if largest is not None and len(orjson.dumps(document.document)) > largest:
        return Drop(document, due.connection, "it is larger than the profile's policy delivers")
    found = [(v, wanted(document.document, held.versions[v], age_s=age_s)) for v in due.versions]
    ways = tuple(
        _way(stage, due.connection, version, way, document) for version, way in found if isinstance(way, Wanted)
    )
    if not ways:
        return Drop(document, due.connection, str(found[-1][1]))
    certain = due.certain and len(ways) == len(due.versions) and not any(way.wanted.open for way in ways)
    return Going(document, due.connection, ways, due.by, certain, copies, ts)


def _way(stage: Stage, name: str, version: int, way: Wanted, document: Document) -> GoingWay:
    configuration = stage.fates.ends[name].versions[version].configuration
    [report] = document.document.values()
    signed = str(configuration.get("downlinkAsId") or stage.lab.options.as_id) if way.signed else None
    if any(value.startswith(NAMED) for value in way.headers.values()):
        told = {
            one: redact_text(secret_of(stage.tag, name, value, stage.lab.secrets)) for one, value in way.headers.items()
        }
        way = replace(way, headers=told)
    return GoingWay(stage.route(name, version, report), way, signed, report.get("FPort") is not None)


def time_ms(document: Document) -> int | None:
    """The time that a document tells, in ms since 1970; None where it tells none."""
    [report] = document.document.values()
    told = report.get("Time")
    try:
        return epoch_ms(told) if isinstance(told, str) and datetime.fromisoformat(told) else None
    except ValueError:
        return None
