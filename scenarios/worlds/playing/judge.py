"""The Then of worlds: each is judged by its own part of the history, by the checks of every scenario and its oracle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from uplab.scenarios.checks import checks
from uplab.scenarios.checks.asked.downlinks import Downlinks
from uplab.scenarios.checks.asked.handed import HandedOn, Reported
from uplab.scenarios.checks.asked.planned import AsPlanned
from uplab.scenarios.checks.check import Check
from uplab.scenarios.checks.checks import Route
from uplab.scenarios.checks.standing.headers import resolved
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.lab.false_hosts import FalseHosts
from uplab.scenarios.lab.witness import AnyPath
from uplab.scenarios.worlds import plan as p
from uplab.scenarios.worlds.playing.awaiting import TIME
from uplab.scenarios.worlds.playing.beside import IF_MET, beside
from uplab.scenarios.worlds.playing.dues import Going, goings
from uplab.scenarios.worlds.playing.looks import looks
from uplab.scenarios.worlds.playing.promised import promised

if TYPE_CHECKING:
    from uplab.scenarios.history.event import Event
    from uplab.scenarios.lab.lab import Lab
    from uplab.scenarios.worlds.oracle import Report
    from uplab.scenarios.worlds.playing.stage import Stage

__all__ = ["judge"]

_CLAUSES: Final = {"place": "COM-22.c", "form": "COM-03.a", "headers": "HTTP-05.a", "query": "COM-23.d"}
_LOST: Final = {"posthere": "HTTP-12.a", "widgelix": "WGX-14", "thingsboard": "TB-12.b", "broker": "MQTT-03.a"}
_OWN: Final = ("posthere", FalseHosts.name)  # fakes at which each world has places of its own
_DOWN: Final = "DL-04.a"


def judge(lab: Lab, stages: Sequence[Stage], broken: Sequence[Verdict]) -> list[list[Verdict]]:
    """The verdicts of each world; `broken` are standing invariants: they go to the worlds whose documents they name."""
    found: list[list[Verdict]] = []
    events = list(lab.history.events)  # read once for all that ask
    looked = [looks(stage, events) if stage.over is None and not stage.cut else [] for stage in stages]
    parts = _parts(events, stages)
    told = _told(events) if any(_by_their_time(stage) for stage in stages) else frozenset[bytes]()
    for stage, part, more in zip(stages, parts, looked, strict=True):
        verdicts = [] if stage.over is not None else _of_world(lab, stage, part, told)
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


def _parts(events: Iterable[Event], stages: Sequence[Stage]) -> list[list[Event]]:
    """The history of each world: the lines that name its documents, devices or places, and those of its own doing."""
    ids = {id_: number for number, stage in enumerate(stages) for id_ in stage.ids}
    devices = {device.dev_eui: n for n, stage in enumerate(stages) for device in stage.devices.values()}
    places = {(to.fake, to.path): n for n, stage in enumerate(stages) for to in stage.places() if to.fake in _OWN}
    places |= {("", stage.account(name)): n for n, stage in enumerate(stages) for name in stage.plan.connections}
    spans = sorted((first, last, number) for number, stage in enumerate(stages) for first, last in stage.spans)
    exchanges: dict[object, int] = {}
    parts: list[list[Event]] = [[] for _ in stages]
    at = 0
    for event in events:
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
    if event.hop == "destination.connected":
        number = places.get(("", str(facts.get("username"))))
    if "exchange" in facts:
        if number is None:
            number = exchanges.get(facts["exchange"])
        elif event.hop in ("destination.arrived", "destination.published"):
            exchanges[facts["exchange"]] = number
    return number


def _of_world(lab: Lab, stage: Stage, part: list[Event], told: Collection[bytes]) -> list[Verdict]:
    going = list(goings(stage))
    down = [] if stage.cut else _down(stage)
    asked = [*_delivered(lab, going), *_planned(stage, going), *down, *stage.checks, *beside(stage, going)]
    said = checks.judged(part, [check for check, _ in asked])
    found = [
        verdict.proving(_clause(check, clause) if verdict.outcome == "failed" else clause)
        for verdict, (check, clause) in zip(said, asked, strict=True)
        if verdict.outcome != "unknown" or not isinstance(check, IF_MET)
    ]
    return [*found, *promised(lab, part, {one.document.id for one in going if one.copies > 1}), *_by_time(going, told)]


def _clause(check: Check, clause: str) -> str:
    """What a check that failed breaks: the clause of its aspect, where it has several."""
    aspect = str(getattr(check, "aspect", ""))
    return _CLAUSES.get(aspect, aspect or clause)


def _delivered(lab: Lab, going: Sequence[Going]) -> list[tuple[Check, str]]:
    """At each place the battery of every scenario over what is certain to arrive there."""
    by_place: dict[Route, dict[str, None]] = {}
    comes = Counter((to, one.document.id) for one in going for to in one.places)
    for one in going:
        if one.certain and len(one.ways) == 1 and not one.nameless and not one.alone:
            by_place.setdefault(one.ways[0].to, {})[one.document.id] = None
    twice = {one.document.id for one in going if one.copies > 1}
    found: list[tuple[Check, str]] = []
    for to, ids in by_place.items():
        found.append((checks.NoneLost(list(ids), to), _LOST[to.fake]))
        # Where several connections share a place, each has an order of its own.
        once = [id_ for id_ in ids if id_ not in twice and comes[to, id_] == 1]
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
    ever = [*stage.places(), *(way.to for one in going for way in one.ways)]
    places = {(to.fake, to.path) for to in ever if not isinstance(to, AnyPath)}
    if not ways or not places:
        return []
    return [(AsPlanned(sorted(places), ways), "COM-22.a")]


def _down(stage: Stage) -> list[tuple[Check, str]]:
    """What each device has received; one of which it is open is not asked about."""
    fates = stage.fates
    told = {name: frames for name, frames in fates.frames.items() if frames is not None}
    if not told or not stage.lab.profile.features.downlinks:
        return []
    euis = {name: stage.devices[name].dev_eui for name in told}
    found: list[tuple[Check, str]] = [
        (Downlinks(list(euis.values()), {euis[name]: frames for name, frames in told.items()}), _DOWN)
    ]
    handed = {euis[name]: each for name, each in fates.handed.items() if name in told and each}
    if handed:
        found.append((HandedOn(handed, _confirmed(stage)), "DL-08.a"))
    if reports := [one for one in fates.reports if one.device in told and _comes(stage, one)]:
        routes = [(stage.route(one.connection, 0), one) for one in reports]
        wanted = [(to.fake, to.path, euis[one.device], one.correlation) for to, one in routes]
        found.append((Reported(wanted), "DL-11.a"))
    return found


def _confirmed(stage: Stage) -> dict[str, bool]:
    """Of each payload whether it was to be acknowledged; of one that came both ways nothing."""
    asked: dict[str, set[bool]] = {}
    for step in stage.plan.steps:
        if isinstance(step, p.Downlink) and "payload_hex" in step.fields:
            confirmed = str(step.fields.get("Confirmed", "0")) == "1"
            asked.setdefault(str(step.fields["payload_hex"]).lower(), set()).add(confirmed)
    return {payload: one.pop() for payload, one in asked.items() if len(one) == 1}


def _comes(stage: Stage, report: Report) -> bool:
    """Whether a report certainly comes to the first place of its connection: it stands, and an uplink comes after."""
    held = stage.fates.ends[report.connection]
    last = any(due.connection == report.connection and due.step >= len(stage.plan.steps) for due in stage.fates.dues)
    same = all(one == held.versions[0] for one in held.versions)
    configuration, told = held.now.configuration, {"DevEUI": report.device, "CorrelationID": report.correlation}
    headers = configuration.get("headers", {}).values()
    plain = held.now.to in ("http", "https") and not configuration.get("sendMetadata")
    plain = plain and all(resolved(value, told) is not None for value in headers)  # of another pattern nothing is said
    return last and same and plain and not held.gone


def _by_their_time(stage: Stage) -> bool:
    """Whether it delivers to ThingsBoard, where what is told without a name is known by its time alone."""
    return any(one.to in ("mqtt", "mqtts", "rest") for one in stage.plan.connections.values())


def _told(events: Iterable[Event]) -> frozenset[bytes]:
    """Every time, in ms since 1970, of which ThingsBoard was told."""
    hops = ("destination.arrived", "destination.published")
    return frozenset(
        time
        for event in events
        if event.hop in hops and event.facts.get("fake") == "thingsboard"
        for time in TIME.findall(event.raw or b"")
    )


def _by_time(going: Sequence[Going], told: Collection[bytes]) -> list[Verdict]:
    """What ThingsBoard is told without a name is known there by its time alone."""
    wanted = [one for one in going if one.certain and one.nameless]
    if not wanted:
        return []
    lost = [one.document.id for one in wanted if str(one.ts).encode() not in told]
    promised = checks.NoneLost.promise
    happened = f"never told at its time: {', '.join(lost[:5])}" if lost else f"{len(wanted)} told at their time"
    hop = "forwarder" if lost else None
    return [
        Verdict("none lost", "failed" if lost else "passed", len(wanted), promised, happened, hop, ids=tuple(lost[:8]))
    ]
