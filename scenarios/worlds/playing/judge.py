"""The Then of worlds: each is judged by its own part of the history, by the checks of every scenario and its oracle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from uplab.scenarios.checks import checks
from uplab.scenarios.checks.asked.downlinks import Downlinks
from uplab.scenarios.checks.asked.planned import AsPlanned
from uplab.scenarios.checks.check import Check
from uplab.scenarios.checks.checks import Route
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.lab.witness import AnyPath
from uplab.scenarios.worlds.playing.dues import Going, goings
from uplab.scenarios.worlds.playing.looks import looks

if TYPE_CHECKING:
    from uplab.scenarios.history.event import Event
    from uplab.scenarios.lab.lab import Lab
    from uplab.scenarios.worlds.playing.stage import Stage

__all__ = ["judge"]

_CLAUSES: Final = {"place": "COM-22.c", "form": "COM-03.a", "headers": "HTTP-05.a", "query": "COM-23.d"}
_LOST: Final = {"posthere": "HTTP-12.a", "widgelix": "WGX-14", "thingsboard": "TB-12.b"}
_DOWN: Final = "DL-04.a"


def judge(lab: Lab, stages: Sequence[Stage], broken: Sequence[Verdict]) -> list[list[Verdict]]:
    """The verdicts of each world; `broken` are standing invariants: they go to the worlds whose documents they name."""
    found: list[list[Verdict]] = []
    looked = [looks(stage) if stage.over is None else [] for stage in stages]
    parts = _parts(lab, stages)
    for stage, part, more in zip(stages, parts, looked, strict=True):
        verdicts = [] if stage.over is not None else _of_world(lab, stage, part)
        verdicts += more
        if stage.broken is not None:
            verdicts = [stage.broken, *verdicts]
        found.append([_named(stage, lab.heartbeat.excused(verdict)) for verdict in verdicts])
    for verdict in broken:
        whose = _whose(stages, verdict.ids)
        for number in whose or range(len(stages)):
            own = verdict if whose else replace(verdict, happened=f"in one of these worlds: {verdict.happened}")
            found[number].append(_named(stages[number], own))
    return found


def _named(stage: Stage, verdict: Verdict) -> Verdict:
    """With the world's name, where it is no pass: several are judged in one scenario."""
    if verdict.outcome == "passed":
        return verdict
    return replace(verdict, happened=f"world {stage.plan.name}: {verdict.happened}")


def _whose(stages: Sequence[Stage], ids: Sequence[str]) -> list[int]:
    wanted = set(ids)
    return [number for number, stage in enumerate(stages) if wanted.intersection(stage.ids)]


def _parts(lab: Lab, stages: Sequence[Stage]) -> list[list[Event]]:
    """The history of each world: the lines that name its documents, devices or places, and those of its own doing."""
    ids = {id_: number for number, stage in enumerate(stages) for id_ in stage.ids}
    devices = {device.dev_eui: n for n, stage in enumerate(stages) for device in stage.devices.values()}
    places = {(to.fake, to.path): n for n, stage in enumerate(stages) for to in stage.places() if to.fake == "posthere"}
    spans = sorted((first, last, number) for number, stage in enumerate(stages) for first, last in stage.spans)
    exchanges: dict[object, int] = {}
    parts: list[list[Event]] = [[] for _ in stages]
    at = 0
    for event in lab.history.events:
        while at < len(spans) and event.seq > spans[at][1]:
            at += 1
        number = _place_of(event, ids, devices, places, exchanges)
        if number is None and at < len(spans) and event.hop in ("api.asked", "api.answered", "downlink.posted"):
            first, last, whose = spans[at]
            number = whose if first < event.seq <= last else None
        if number is not None:
            parts[number].append(event)
    return parts


def _place_of(
    event: Event,
    ids: Mapping[str, int],
    devices: Mapping[str, int],
    places: Mapping[tuple[str, str], int],
    exchanges: dict[object, int],
) -> int | None:
    facts = event.facts
    number = next((ids[id_] for id_ in event.ids if id_ in ids), None)
    if number is None and "dev_eui" in facts:
        number = devices.get(str(facts["dev_eui"]).upper())
    if number is None and event.hop == "destination.arrived":
        number = places.get((str(facts.get("fake")), str(facts.get("url", "")).partition("?")[0]))
    if "exchange" in facts:
        if number is None:
            number = exchanges.get(facts["exchange"])
        elif event.hop in ("destination.arrived", "destination.published"):
            exchanges[facts["exchange"]] = number
    return number


def _of_world(lab: Lab, stage: Stage, part: list[Event]) -> list[Verdict]:
    going = list(goings(stage))
    asked = [*_delivered(lab, going), *_planned(stage, going), *_down(stage), *stage.checks]
    said = checks.judged(part, [check for check, _ in asked])
    found = [
        verdict.proving(_CLAUSES.get(getattr(check, "aspect", ""), clause) if verdict.outcome == "failed" else clause)
        for verdict, (check, clause) in zip(said, asked, strict=True)
    ]
    return [*found, *_by_time(lab, going)]


def _delivered(lab: Lab, going: Sequence[Going]) -> list[tuple[Check, str]]:
    """At each place the battery of every scenario over what is certain to arrive there."""
    by_place: dict[Route, dict[str, None]] = {}
    for one in going:
        if one.certain and len(one.ways) == 1 and not one.nameless and not one.alone:
            by_place.setdefault(one.ways[0].to, {})[one.document.id] = None
    found: list[tuple[Check, str]] = []
    for to, ids in by_place.items():
        found.append((checks.NoneLost(list(ids), to), _LOST[to.fake]))
        once = [id_ for id_ in ids if not any(g.copies > 1 for g in going if g.document.id == id_)]
        if once and lab.profile.policy.order != "none":
            found.append((checks.InOrder(once, to, by=lab.profile.policy.order), "HTTP-15.a"))
    return found


def _planned(stage: Stage, going: Sequence[Going]) -> list[tuple[Check, str]]:
    ways: dict[str, list[dict[str, Any]]] = {one.id: [] for one in stage.sent}
    for one in going:
        ways.setdefault(one.document.id, []).extend(
            {
                "fake": way.to.fake,
                "path": way.to.path,
                "shape": way.wanted.shape,
                "headers": dict(way.wanted.headers),
                "query": way.wanted.query,
                "signed": way.signed,
                "ported": way.ported,
                "certain": one.certain and not way.wanted.open,
                "copies": one.copies,
            }
            for way in one.ways
            if not isinstance(way.to, AnyPath)
        )
    places = {(to.fake, to.path) for to in stage.places() if not isinstance(to, AnyPath)}
    if not ways or not places:
        return []
    return [(AsPlanned(sorted(places), ways), "COM-22.a")]


def _down(stage: Stage) -> list[tuple[Check, str]]:
    """What each device has received; one of which it is open is not asked about."""
    told = {name: frames for name, frames in stage.fates.frames.items() if frames is not None}
    if not any(told.values()) and not stage.fates.answers:
        return []
    euis = {name: stage.devices[name].dev_eui for name in told}
    return [(Downlinks(list(euis.values()), {euis[name]: frames for name, frames in told.items()}), _DOWN)]


def _by_time(lab: Lab, going: Sequence[Going]) -> list[Verdict]:
    """What ThingsBoard is told without a name is known there by its time alone."""
    wanted = [one for one in going if one.certain and one.nameless]
    if not wanted:
        return []
    hops = ("destination.arrived", "destination.published")
    events = [event for event in lab.history.events if event.hop in hops and event.facts.get("fake") == "thingsboard"]
    lost = [
        one.document.id for one in wanted if not any(str(one.ts).encode() in (event.raw or b"") for event in events)
    ]
    promised = checks.NoneLost.promise
    happened = f"never told at its time: {', '.join(lost[:5])}" if lost else f"{len(wanted)} told at their time"
    hop = "forwarder" if lost else None
    return [
        Verdict("none lost", "failed" if lost else "passed", len(wanted), promised, happened, hop, ids=tuple(lost[:8]))
    ]
