"""Looks at a forwarder that nobody has described yet, and writes a first profile of it: what is there, and how it
delivers. What cannot be seen from outside is left to its keeper."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from uplab.fakes.behaviour import Behaviour
from uplab.fakes.faults import Always, Fault, Status, as_data
from uplab.scenarios.checks.checks import Route
from uplab.scenarios.checks.deliveries import ARRIVALS
from uplab.scenarios.checks.policy.measured import Measured, measure
from uplab.scenarios.checks.verdict import CheckFailed
from uplab.scenarios.look.compared import features_of
from uplab.scenarios.look.first_look import LookError, shown_of
from uplab.scenarios.under_test.answer import NoAnswerError
from uplab.scenarios.under_test.hops import fault_planned

if TYPE_CHECKING:
    from uplab.scenarios.lab.connection import LabConnection
    from uplab.scenarios.lab.device import LabDevice
    from uplab.scenarios.lab.lab import Lab

__all__ = ["Found", "probe_forwarder", "write_found"]

_DIGITS = 12_345_678_901_234_567_891  # more than a double holds
_DESTINATION = "https://posthere.io"
_UNKNOWN_KEY = "uplabHasNoSuchKey"


@dataclass(slots=True)
class Found:
    """What was seen: features with how it was seen, choices, a policy of delivery, and its datasheet."""

    features: dict[str, tuple[bool, str]] = field(default_factory=dict)
    choices: dict[str, Any] = field(default_factory=dict)
    delivery: dict[str, Any] = field(default_factory=dict)
    measured: Measured = field(default_factory=Measured)
    watched_s: float = 0.0
    notes: list[str] = field(default_factory=list)


def probe_forwarder(lab: Lab, file: Path, *, watch_s: float, say: Callable[[str], None] = lambda _: None) -> Found:
    """Looks at everything that one connection and a few uplinks can show; LookError where there is no connection.

    What a refusal leads to is watched for `watch_s`. The lab's profile has api, flows and http, and nothing else.
    """
    found = Found()
    with lab.history.scenario(file):
        lab.begin("probe")
        try:
            say("the API")
            device, connection = _connection(lab, found)
            say("one uplink")
            _uplink(lab, found, device, connection)
            say("numbers")
            _numbers(lab, found, connection)
            say(f"a destination that refuses, for {watch_s:g} s")
            _delivery(lab, found, watch_s)
        finally:
            lab.end()
            lab.look_back()
    return found


def _body(path: str, connector: str = "actility-http-iot", **more: Any) -> dict[str, Any]:
    configuration = more.pop("configuration", {"destinationURL": f"{_DESTINATION}{path}"})
    return {"connectorId": connector, "name": f"uplab probe {path.strip('/')}", "configuration": configuration, **more}


def _tried(lab: Lab, body: dict[str, Any]) -> httpx.Response:
    """POST of a connection that is taken away at once."""
    answer = lab.api.create(body)
    try:
        if answer.status_code == 201:
            lab.api.delete(str(answer.json()["id"]))
    except (ValueError, KeyError, TypeError):
        pass
    return answer


def _connection(lab: Lab, found: Found) -> tuple[LabDevice, LabConnection]:
    answer = lab.api.create(_body("/probe"))
    if answer.status_code != 201:
        raise LookError(
            f"there is no API of IoT Flow's kind: POST /connections was answered {answer.status_code}\n"
            "  to try    write the profile by hand: CONTRACT.md, section 6"
        )
    connection = lab.connection(answer.json(), Route("posthere", "/probe"))
    found.features["api"] = found.features["http"] = (True, "POST /connections was answered 201")
    device = lab.device()
    try:
        connection.bind(device)
        found.features["flows"] = (True, "POST /flows was answered 201")
    except (CheckFailed, NoAnswerError) as error:
        found.features["flows"] = (False, str(error).partition("\n")[0])
    board = {"hostName": "thingsboard.cloud:1883", "username": "tenant@thingsboard.org", "password": "tenant"}
    bodies = {
        "thingsboard": _body("/board", "actility-thingsboard-iot", configuration=board),
        "widgelix": _body(
            "/input",
            brand="WIDGELIX",
            configuration={
                "destinationURL": "https://app.widgelix.com/v1/input-node/actility",
                "headers": {"Authorization": f"Bearer {lab.secrets.uuid('probe')}"},
            },
        ),
    }
    nonsense = _tried(lab, _body("/nothing", "uplab-has-no-such-connector")).status_code
    anything = nonsense == 201
    but = ", but so was one of a connector that does not exist: say it yourself" if anything else ""
    for name, body in bodies.items():
        status = _tried(lab, body).status_code
        found.features[name] = (status == 201 and not anything, f"such a connection was answered {status}{but}")
    wrong = _body("/wrong")
    wrong["configuration"][_UNKNOWN_KEY] = 1
    refused = _tried(lab, wrong)
    named = refused.status_code == 400 and _UNKNOWN_KEY in refused.text
    found.features["validation"] = (named, f"an unknown key was answered {refused.status_code}")
    options = _tried(lab, _body("/options", active=False))
    inactive = options.status_code == 201 and options.json().get("active") is False
    how = f"active: false was answered {options.status_code}"
    found.features["options"] = (inactive and not anything, f"{how}{but if inactive else ''}")
    return device, connection


def _uplink(lab: Lab, found: Found, device: LabDevice, connection: LabConnection) -> None:
    configuration = {"destinationURL": f"{_DESTINATION}/pattern", "headers": {"X-Uplab": "{DevEUI}"}}
    made = lab.api.create(_body("/pattern", configuration=configuration))
    if made.status_code == 201:
        pattern = lab.connection(made.json(), Route("posthere", "/pattern"))
        if found.features["flows"][0]:
            pattern.bind(device)
    sent = device.send()
    if sent.outcome != "accepted":
        raise LookError(
            f"the ingress does not take an uplink: {sent.status} {sent.reason}"[:300].rstrip()
            + "\n  to try    compare UPLAB_AS_KEY and UPLAB_AS_ID with the forwarder's own"
        )
    _await(lab, connection.route)
    shown = shown_of(lab, sent, connection)
    found.features |= features_of(shown)
    if shown.delivered is None:
        found.notes.append(_unrecognised(lab, connection.route))
    if made.status_code == 201:
        _await(lab, pattern.route)
        values = [
            value
            for event in lab.history.events
            if event.hop == "destination.arrived" and pattern.route.takes(event.facts)
            for name, value in event.facts["headers"]
            if name.lower() == "x-uplab"
        ]
        found.features["patterns"] = (
            sent.dev_eui in values,
            f"{{DevEUI}} arrived as {values[0] if values else 'nothing'}",
        )
        pattern.delete()


def _await(lab: Lab, route: Route, *, count: int = 1) -> None:
    """Waits for so many requests there, in whatever form, and for what may follow at once."""
    limit_s = lab.deadlines.delivery_s
    lab.history.wait_for(lambda e: e.hop in ARRIVALS and route.takes(e.facts), count=count, timeout_s=limit_s)
    threading.Event().wait(lab.profile.settle_s)


def _unrecognised(lab: Lab, route: Route) -> str:
    came = [e for e in lab.history.events if e.hop == "destination.arrived" and route.takes(e.facts)]
    if not came:
        return "no uplink arrived: `uplab run` says which leg of its way is dead"
    beginning = (came[0].raw or b"")[:160].decode(errors="replace")
    return f"its output has another form, for which [format] is to be filled in: {beginning}"


def _numbers(lab: Lab, found: Found, connection: LabConnection) -> None:
    """A document with more digits than a double has; orjson, which the tunnel writes with, keeps the whole number."""
    known = [e for e in lab.history.events if e.hop == "network.document" and e.facts["root"] == "DevEUI_uplink"]
    if not known or "drivers" not in found.features:
        return
    report = {**known[-1].facts["document"]["DevEUI_uplink"], "CustomerData": {"digits": _DIGITS}}
    report["FCntUp"] = int(report["FCntUp"]) + 1000
    sent = lab.post({"DevEUI_uplink": report})
    _await(lab, connection.route, count=2)
    for event in lab.history.events:
        if event.hop == "destination.arrived" and sent.id in event.ids and connection.route.takes(event.facts):
            read = json.loads(event.raw or b"{}", parse_float=Decimal)
            came = read.get("DevEUI_uplink", {}).get("CustomerData", {}).get("digits")
            if came == _DIGITS:
                found.choices["numbers"] = "exact"
            elif isinstance(came, int | Decimal) and float(came) == float(_DIGITS):
                found.choices["numbers"] = "double"
            else:
                found.notes.append(f"{_DIGITS} arrived as {came}")
            return


@contextmanager
def _refusing(lab: Lab, path: str) -> Iterator[None]:
    fault = Fault("refuses", Always(), Status(503), only=path)
    _behave(lab, Behaviour([fault]))
    try:
        yield
    finally:
        _behave(lab, Behaviour())


def _behave(lab: Lab, behaviour: Behaviour) -> None:
    lab.loop.call(lambda: setattr(lab.posthere, "behaviour", behaviour))
    lab.history.emit(*fault_planned(fake=lab.posthere.name, faults=[as_data(fault) for fault in behaviour.faults]))


def _delivery(lab: Lab, found: Found, watch_s: float) -> None:
    """What becomes of an uplink that is refused with 503, again and again, and of those behind it."""
    device = lab.device()
    configuration: dict[str, Any] = {"destinationURL": f"{_DESTINATION}/refused", "blamePeriod": 1}
    made = lab.api.create(_body("/refused", configuration=configuration))
    if made.status_code != 201:
        configuration.pop("blamePeriod")
        made = lab.api.create(_body("/refused", configuration=configuration))
    if made.status_code != 201:
        return
    connection = lab.connection(made.json(), Route("posthere", "/refused"))
    if found.features["flows"][0]:
        connection.bind(device)
    with _refusing(lab, "/refused"):
        begun_s = time.monotonic()
        device.send()
        lab.history.wait_for(lambda e: e.hop == "fault.delivered", timeout_s=lab.deadlines.delivery_s)
        threading.Event().wait(watch_s)
        found.watched_s = time.monotonic() - begun_s
    found.measured = measure(lab.history.events)
    _policy_of(found, obeys="blamePeriod" in configuration)


def _policy_of(found: Found, *, obeys: bool) -> None:
    """A first guess; what was not tried again within the time may be tried again later."""
    seen = found.measured
    if not seen.failures:
        found.notes.append("no refused delivery was recognised, so nothing is known of what happens after a failure")
        return
    if seen.never_again:
        found.choices["failure_generation"] = "none"
        found.notes.append(f"nothing was tried again within {found.watched_s:.0f} s: it may be later")
        return
    least_s, most_s = seen.shortest_pause_s or 0.0, seen.longest_pause_s or 0.0
    if obeys and 0.9 <= least_s <= most_s <= 2.0:
        found.choices["failure_generation"] = "blame"
        return
    middle_s = round((least_s + most_s) / 2, 2)
    found.delivery["pauses_s"] = [middle_s]
    if middle_s and most_s - least_s > 0.2 * middle_s:
        found.delivery["jitter"] = min(1.0, round((most_s - least_s) / 2 / middle_s + 0.05, 2))
    quiet_s = found.watched_s - seen.most_attempts * max(most_s, 0.01)
    found.delivery["attempts"] = seen.most_attempts if quiet_s > 2 * max(most_s, 0.5) else 0


def write_found(found: Found, name: str, known: Mapping[str, Mapping[str, Any]] | None = None) -> str:
    """The profile as TOML, each line with how it was seen; `known` are tables that were said before, and hold."""
    known = known or {}
    lines = [
        "# A first profile, by what `uplab probe` saw: read it before you rely on it.",
        f"name = {json.dumps(name)}",
    ]
    lines += ["contract = 2", "", "[features]"]
    for feature, (there, how) in found.features.items():
        lines.append(f"{feature} = {json.dumps(there)}  # {_comment(how)}")
    lines.append("# not looked at: alarms, limit, reconnect, pages, login, durable, clock, commands_https")
    tables = {"delivery": found.delivery, **known, "choices": {**found.choices, **known.get("choices", {})}}
    for table, values in tables.items():
        if values:
            lines += ["", f"[{table}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())]
    if rows := found.measured.rows():
        lines += ["", f"# Seen of its deliveries within {found.watched_s:.0f} s of refusals:"]
        lines += [f"#   {what}: {seen}" for what, seen in rows]
    lines += [f"# {_comment(note)}" for note in found.notes]
    return "\n".join(lines) + "\n"


def _comment(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
