"""What the API shows of a world at its end: its connections, the list, the counters, the events."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.secrets import redact_text
from uplab.scenarios.worlds import plan as p
from uplab.scenarios.worlds.playing.bodies import states_of
from uplab.scenarios.worlds.playing.dues import drops, goings
from uplab.scenarios.worlds.space.faults import FINE

if TYPE_CHECKING:
    from uplab.scenarios.history.event import Event
    from uplab.scenarios.worlds.oracle import Held
    from uplab.scenarios.worlds.playing.stage import Document, Stage

__all__ = ["looks"]

_MASKED = "*****"
OK = 200
_LOGIN = ("login", "account", "authentication", "password", "credential", "unauthor")
_REACH = ("reach", "refused", "certificate", "tls", "ssl", "closed")
_CLEAR = frozenset({"400", "401", "404", "429", "500", "503", "301", "302", "307"})
"""Faults after which nobody doubts that the delivery has failed."""
_SECRETS = frozenset({"tiak", "downlinkAsKey", "password"})


def looks(stage: Stage, events: Sequence[Event] = ()) -> list[Verdict]:
    """The verdicts of what the world's plan wants to be looked at, as far as the profile declares it.

    `events` are the lines of the history, by which is known what has failed.
    """
    features = stage.lab.profile.features
    found: list[Verdict] = []
    if not features.api:
        return found
    for what in stage.plan.look:
        if what == "shown":
            found += [_shown(stage, name) for name in stage.connections]
        elif what == "list":
            found.append(_listed(stage))
        elif what == "metrics" and features.metrics:
            found += [_counted(stage, name, events) for name in stage.connections if _countable(stage, name)]
        elif what == "events" and features.events:
            found += _events(stage, events)
    return found


def _says(check: str, clause: str, promised: str, wrong: str | None, seen: str = "as promised") -> Verdict:
    if wrong is None:
        return Verdict(check, "passed", 1, promised, seen, requirement=clause)
    return Verdict(check, "failed", 1, promised, redact_text(wrong)[:600], "forwarder", requirement=clause)


def _shown(stage: Stage, name: str) -> Verdict:
    """GET shows the newest configuration, or 404 once it is deleted."""
    held, connection = stage.fates.ends[name], stage.connections[name]
    wanted = () if held.gone or not stage.lab.profile.features.states else _states(held)
    answer = _until(
        stage,
        lambda: stage.lab.api.get(connection.id),
        lambda told: not wanted or (told.status_code == OK and told.json().get("state") in wanted),
    )
    if held.gone:
        promised = "a deleted connection answers 404"
        wrong = None if answer.status_code == 404 else f"{name}: {answer.status_code}"
        return _says("shown", "HTTP-03.a", promised, wrong)
    promised = "GET shows a connection as it was configured last"
    if answer.status_code != 200:
        return _says("shown", "COM-10.a", promised, f"{name}: {answer.status_code} {answer.text[:200]}")
    shown = answer.json()
    if wanted and shown.get("state") not in wanted:
        wrong = f"{name} shows state {shown.get('state')!r}, expected {' or '.join(wanted)}"
        return _says("shown", "COM-09.c" if held.now.trouble else "COM-10.a", promised, wrong)
    return _says("shown", "COM-10.a", promised, _differs(stage, name, held.now, shown))


def _states(held: Held) -> tuple[str, ...]:
    """A connection over HTTP that has something to deliver, and cannot, is not called OPENED."""
    wanted = states_of(held.now)
    return tuple(one for one in wanted if one != "OPENED") if held.now.trouble and held.waiting else wanted


def _differs(stage: Stage, name: str, now: p.Connection, shown: dict[str, Any]) -> str | None:
    wanted = stage.body(name, now)
    kept = stage.connections[name].resource
    active = wanted.pop("active", True) if stage.lab.profile.features.options else shown.get("active")
    configuration = wanted.pop("configuration")
    for key, value in {**wanted, "active": active}.items():
        if shown.get(key) != value:
            return f"{name} shows {key} {shown.get(key)!r}, given was {value!r}"
    if stage.lab.profile.features.downlinks and shown.get("downlinkUrl") != kept.get("downlinkUrl"):
        return f"{name} shows another downlinkUrl than before"
    there = shown.get("configuration") or {}
    for key, value in configuration.items():
        if not _same(key, value, there.get(key), masked=stage.lab.profile.choices.headers_masked):
            return f"{name} shows {key} {there.get(key)!r:.200}, given was {value!r:.200}"
    for key in ("sendMetadata", "sendRawDecodedFormat", "lrcCompliance"):
        if key not in configuration and there.get(key):
            return f"{name} shows {key} {there[key]!r}, which is not configured any more"
    left = {"description", "uplinkTimeValidity", "headers", "downlinkAsId"} - set(configuration)
    for key in sorted(left):
        if there.get(key):
            return f"{name} shows {key} {there[key]!r:.200}, which is not configured any more"
    return None


def _same(key: str, given: Any, shown: Any, *, masked: bool) -> bool:
    if key in _SECRETS:
        return bool(shown == _MASKED)
    if key == "headers" and isinstance(shown, dict):
        return set(given) == set(shown) and all(
            shown[name] == value or (masked and shown[name] == _MASKED) for name, value in given.items()
        )
    return bool(shown == given)


def _listed(stage: Stage) -> Verdict:
    """The list has each connection once, and none that is deleted."""
    ids = [str(one.get("id")) for one in stage.lab.api.listed()]
    for name, held in stage.fates.ends.items():
        count = ids.count(stage.connections[name].id)
        if count != (0 if held.gone else 1):
            wrong = f"{name}, which is {'deleted' if held.gone else 'there'}, is listed {count} times"
            return _says("list", "COM-10.a", "the list shows each connection once", wrong)
    return _says("list", "COM-10.a", "the list shows each connection once", None)


def _countable(stage: Stage, name: str) -> bool:
    """Whether the documents say exactly what its counters show: uplinks alone, none that fails, no restart."""
    held = stage.fates.ends[name]
    steps = stage.plan.steps
    plain = all(
        isinstance(step, p.Send | p.Wait | p.Change | p.Bind | p.Unbind | p.Refuse)
        or (isinstance(step, p.Fault) and (step.connection != name or step.kind in _CLEAR))
        or (isinstance(step, p.Post) and step.root == "uplink")
        for step in steps
    )
    asked_down = any(isinstance(step, p.Refuse) and step.connection == name for step in steps)
    sure = all(one.certain for one in goings(stage))
    forms = any(one.configuration.get("sendMetadata") for one in held.versions)
    troubled = any(one.trouble for one in held.versions)
    return plain and sure and not asked_down and not held.gone and not forms and not held.waiting and not troubled


def _counted(stage: Stage, name: str, events: Sequence[Event]) -> Verdict:
    """Uplinks, delivered, failed and lost, and the devices that sent them, are exact, in the hour and in the day."""
    going = [one for one in goings(stage) if one.connection == name]
    lost = [one for one in drops(stage) if one.connection == name]
    delivered = sum(one.copies for one in going)
    active = {_device(document) for document in (*(one.document for one in going), *(one.document for one in lost))}
    wanted = {
        "uplinks": delivered + len(lost),
        "uplinksDelivered": delivered,
        "uplinksFailed": _failures(stage, name, events),
        "uplinksLost": len(lost),
        "activeThings": len(active),
    }
    path = f"/connections/{stage.connections[name].id}/metrics"

    def fetch() -> dict[str, Any]:
        told = stage.lab.api.request("GET", path).json()
        return {span: {key: told.get(span, {}).get(key) for key in wanted} for span in ("lastHour", "lastDay")}

    seen = _until(stage, fetch, lambda told: all(one == wanted for one in told.values()))
    wrong = None if all(one == wanted for one in seen.values()) else f"{name} counts {seen}, expected {wanted}"
    return _says("counters", "COM-12.b", "counters are exact", wrong)


def _device(document: Document) -> str:
    [report] = document.document.values()
    return str(report.get("DevEUI")).upper()


def _failures(stage: Stage, name: str, events: Sequence[Event]) -> int:
    """How many deliveries of a connection were made to fail."""
    ids = {
        f"{stage.tag} {number}"
        for number, step in enumerate(stage.plan.steps)
        if isinstance(step, p.Fault) and step.connection == name and step.kind not in FINE
    }
    return sum(event.hop == "fault.delivered" and event.facts["fault"] in ids for event in events)


def _events(stage: Stage, events: Sequence[Event]) -> list[Verdict]:
    """What is dropped, fails or is refused is told by an event that names its device; the newest comes first."""
    found = []
    for name, held in stage.fates.ends.items():
        if not held.gone:
            found += _events_of(stage, name, events)
    return found


def _events_of(stage: Stage, name: str, lines: Sequence[Event]) -> list[Verdict]:
    path = f"/connections/{stage.connections[name].id}/events"

    def fetch() -> list[dict[str, Any]]:
        told = stage.lab.api.request("GET", path).json()
        return told if isinstance(told, list) else []

    found = list(_login_told(stage, name, fetch))
    for clause, why, devices in _told_of(stage, name, lines):

        def met(events: list[dict[str, Any]], wanted: Counter[str] = devices) -> bool:
            named = Counter(str(one.get("devEUI") or "").upper() for one in events)
            return all(named[device] >= count for device, count in wanted.items())

        seen = _until(stage, fetch, met)
        told = dict(Counter(str(one.get("devEUI") or "no device") for one in seen))
        wrong = None if met(seen) else f"{name} has events of {told}, expected one for each of {dict(devices)}"
        found.append(
            _says("events", clause, f"an event tells of each document that {why}, and names its device", wrong)
        )
    events = fetch()
    times = [_moment(one.get("time")) for one in events]
    told_at = [moment for moment in times if moment is not None]
    right = len(told_at) == len(times) and told_at == sorted(told_at, reverse=True)
    shown = [str(one.get("time")) for one in events[:5]]
    wrong = None if right else f"{name} has events of {shown}"
    found.append(_named(stage, name, events))
    found.append(_says("events", "COM-13.e", "each event has a time with its offset, the newest comes first", wrong))
    return found


def _named(stage: Stage, name: str, events: Sequence[dict[str, Any]]) -> Verdict:
    """What is told of a device is told of this connection, by its id or its name."""
    ids, names = {stage.connections[name].id}, {one.name for one in stage.fates.ends[name].versions}
    strange = [
        one
        for one in events
        if one.get("devEUI")
        and ids.isdisjoint({str(one.get("connectionId")), str(one.get("connection"))})
        and one.get("connectionName") not in names
    ]
    wrong = f"{name} has an event that does not name it: {str(strange[0])[:200]}" if strange else None
    return _says("events", "COM-13.g", "an event names its connection", wrong)


def _login_told(stage: Stage, name: str, fetch: Callable[[], list[dict[str, Any]]]) -> Iterator[Verdict]:
    """A login that was refused, and a host that cannot be reached or trusted, are told by an event of their own."""
    trouble = stage.fates.ends[name].versions[0].trouble
    if trouble is None or stage.plan.connections[name].to in ("http", "https"):
        return
    words = _LOGIN if trouble in ("password", "locked") else _REACH

    def met(events: list[dict[str, Any]]) -> bool:
        said = (str([text for key, text in one.items() if not key.startswith("connection")]) for one in events)
        told = (text.lower().replace("authentication_failed", "") for text in said)  # the state alone says less
        return any(word in text for text in told for word in words)

    seen = _until(stage, fetch, met)
    kinds = dict(Counter(str(one.get("type")) for one in seen))
    wrong = None if met(seen) else f"{name} has events of {kinds}, and none that tells of {words[0]}"
    promised = "an event tells that a connection could not be opened, and why"
    yield _says("events", "COM-13.c" if words == _LOGIN else "COM-13.a", promised, wrong)


def _moment(told: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _told_of(stage: Stage, name: str, events: Sequence[Event]) -> list[tuple[str, str, Counter[str]]]:
    """What must be told of a connection: the clause, what befell a document in words, how often for each device."""
    dropped = [one for one in drops(stage) if one.connection == name and "no uplink" not in one.why]
    found = []
    if dropped:
        found.append(("COM-05.a", "is dropped", Counter(_device(one.document) for one in dropped)))
    failed = _failed_devices(stage, name, events)
    if failed:
        found.append(("COM-13.a", "could not be delivered", failed))
    refused = Counter(
        stage.devices[step.device].dev_eui
        for step in (stage.plan.steps[one.step] for one in stage.fates.answers if not one.taken)
        if isinstance(step, p.Downlink) and step.through == name and step.by == "url"
    )
    if refused:
        found.append(("COM-13.b", "was refused as a downlink", refused))
    if rejected := Counter(stage.devices[device].dev_eui for to, device in stage.fates.rejected if to == name):
        found.append(("COM-13.f", "the network rejected as a downlink", rejected))
    return found


def _failed_devices(stage: Stage, name: str, events: Sequence[Event]) -> Counter[str]:
    """Whose deliveries have failed at this connection: as the history tells of the faults."""
    ids = {
        f"{stage.tag} {number}"
        for number, step in enumerate(stage.plan.steps)
        if isinstance(step, p.Fault) and step.connection == name and step.kind in _CLEAR
    }
    if not ids:
        return Counter()
    failed = {
        event.facts["exchange"] for event in events if event.hop == "fault.delivered" and event.facts["fault"] in ids
    }
    whose = {one.id: _device(one) for one in stage.sent}
    return Counter(
        whose[event.ids[0]]
        for event in events
        if event.hop == "destination.arrived"
        and event.facts["exchange"] in failed
        and event.ids
        and event.ids[0] in whose
    )


def _until(stage: Stage, fetch: Callable[[], Any], met: Callable[[Any], bool]) -> Any:
    """Asks until the answer is as it must be, or the time is up; the last answer."""
    deadline = time.monotonic() + stage.lab.deadlines.shown_s
    while not met(seen := fetch()) and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    return seen
