"""What the API shows of a world at its end: its connections, the list, the counters, the events."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.secrets import redact_text
from uplab.scenarios.worlds import plan as p
from uplab.scenarios.worlds.playing.dues import drops, goings

if TYPE_CHECKING:
    from uplab.scenarios.worlds.playing.stage import Stage

__all__ = ["looks"]

_MASKED = "*****"
_SECRETS = frozenset({"tiak", "downlinkAsKey", "password"})


def looks(stage: Stage) -> list[Verdict]:
    """The verdicts of what the world's plan wants to be looked at, as far as the profile declares it."""
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
            found += [_counted(stage, name) for name in stage.connections if _countable(stage, name)]
        elif what == "events" and features.events:
            found += _events(stage)
    return found


def _says(check: str, clause: str, promised: str, wrong: str | None, seen: str = "as promised") -> Verdict:
    if wrong is None:
        return Verdict(check, "passed", 1, promised, seen, requirement=clause)
    return Verdict(check, "failed", 1, promised, redact_text(wrong)[:600], "forwarder", requirement=clause)


def _shown(stage: Stage, name: str) -> Verdict:
    """GET shows the newest configuration, or 404 once it is deleted."""
    held, connection = stage.fates.ends[name], stage.connections[name]
    answer = stage.lab.api.get(connection.id)
    if held.gone:
        promised = "a deleted connection answers 404"
        wrong = None if answer.status_code == 404 else f"{name}: {answer.status_code}"
        return _says("shown", "HTTP-03.a", promised, wrong)
    promised = "GET shows a connection as it was configured last"
    if answer.status_code != 200:
        return _says("shown", "COM-10.a", promised, f"{name}: {answer.status_code} {answer.text[:200]}")
    return _says("shown", "COM-10.a", promised, _differs(stage, name, held.now, answer.json()))


def _differs(stage: Stage, name: str, now: p.Connection, shown: dict[str, Any]) -> str | None:
    wanted = stage.body(name, now)
    kept = stage.connections[name].resource
    active = wanted.pop("active", True) if stage.lab.profile.features.options else shown.get("active")
    state = "DEACTIVATED" if active is False else "OPENED"
    configuration = wanted.pop("configuration")
    for key, value in {**wanted, "active": active}.items():
        if shown.get(key) != value:
            return f"{name} shows {key} {shown.get(key)!r}, given was {value!r}"
    if stage.lab.profile.features.states and shown.get("state") != state:
        return f"{name} shows state {shown.get('state')!r}, expected {state}"
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
        or (isinstance(step, p.Post) and step.root == "uplink")
        for step in steps
    )
    asked_down = any(isinstance(step, p.Refuse) and step.connection == name for step in steps)
    sure = all(one.certain for one in goings(stage))
    forms = any(one.configuration.get("sendMetadata") for one in held.versions)
    return plain and sure and not asked_down and not held.gone and not forms and not held.waiting


def _counted(stage: Stage, name: str) -> Verdict:
    """Uplinks, delivered and lost are exact, in the hour and in the day."""
    delivered = sum(one.copies for one in goings(stage) if one.connection == name)
    lost = sum(1 for one in drops(stage) if one.connection == name)
    wanted = {"uplinks": delivered + lost, "uplinksDelivered": delivered, "uplinksFailed": 0, "uplinksLost": lost}
    path = f"/connections/{stage.connections[name].id}/metrics"

    def fetch() -> dict[str, Any]:
        told = stage.lab.api.request("GET", path).json()
        return {span: {key: told.get(span, {}).get(key) for key in wanted} for span in ("lastHour", "lastDay")}

    seen = _until(stage, fetch, lambda told: all(one == wanted for one in told.values()))
    wrong = None if all(one == wanted for one in seen.values()) else f"{name} counts {seen}, expected {wanted}"
    return _says("counters", "COM-12.b", "counters are exact", wrong)


def _events(stage: Stage) -> list[Verdict]:
    """Each document that is dropped for a documented reason is told by an event that names its device."""
    found = []
    for name in dict.fromkeys(one.connection for one in drops(stage) if "no uplink" not in one.why):
        connection = stage.connections[name]
        if stage.fates.ends[name].gone:
            continue
        dropped = [one for one in drops(stage) if one.connection == name and "no uplink" not in one.why]
        [report] = dropped[0].document.document.values()
        dev_eui = str(report.get("DevEUI")).upper()

        def fetch(id_: str = connection.id) -> list[dict[str, Any]]:
            told = stage.lab.api.request("GET", f"/connections/{id_}/events").json()
            return told if isinstance(told, list) else []

        def met(events: list[dict[str, Any]], wanted: str = dev_eui, least: int = len(dropped)) -> bool:
            return sum(str(one.get("devEUI")).upper() == wanted for one in events) >= least

        seen = _until(stage, fetch, met)
        promised = "what is dropped is told by an event that names its device"
        wrong = None if met(seen) else f"{name} has {len(seen)} events, and none for each of {len(dropped)} drops"
        found.append(_says("events", "COM-05.a", f"{promised} ({dropped[0].why})", wrong))
    return found


def _until(stage: Stage, fetch: Callable[[], Any], met: Callable[[Any], bool]) -> Any:
    """Asks until the answer is as it must be, or the time is up; the last answer."""
    deadline = time.monotonic() + stage.lab.deadlines.shown_s
    while not met(seen := fetch()) and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    return seen
