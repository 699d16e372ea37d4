"""Asks for what must be refused, a row of the table, and says by which checks that is judged."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import quote

from uplab.scenarios.checks.asked.answers import Answered
from uplab.scenarios.checks.asked.shown import Shows, Unchanged
from uplab.scenarios.checks.check import Check
from uplab.scenarios.checks.verdict import CheckFailed
from uplab.scenarios.history.secrets import redact_text
from uplab.scenarios.lab.judge import line_of
from uplab.scenarios.lab.ways.by_api import flow_of
from uplab.scenarios.under_test.answer import answer_expected
from uplab.scenarios.worlds import plan as p
from uplab.scenarios.worlds.playing.bodies import PLAIN, altered
from uplab.scenarios.worlds.playing.posted import document_of
from uplab.scenarios.worlds.space.refusals import GONE, REFUSALS, Refusal
from uplab.simulator import hops
from uplab.simulator.clock import utc_iso
from uplab.simulator.network.tunnel import sign_uplink

if TYPE_CHECKING:
    import httpx

    from uplab.scenarios.lab.connection import LabConnection
    from uplab.scenarios.lab.device import LabDevice
    from uplab.scenarios.lab.lab import Lab

__all__ = ["refuse"]

Asked = list[tuple[Check, str]]


class Stage(Protocol):
    """What is asked of the world in which it happens."""

    lab: Lab
    tag: str
    devices: dict[str, LabDevice]
    connections: dict[str, LabConnection]

    def now(self, name: str) -> p.Connection | None:
        """What a connection is by now; None where it is deleted."""

    def body(self, name: str, connection: p.Connection) -> dict[str, Any]:
        """The body of POST and PUT."""

    def url(self, name: str) -> str:
        """The downlink URL of a connection."""


_numbers = itertools.count(1)
_attempts = itertools.count(-1_000_000, -1)  # the tunnel of the lab counts upwards


def refuse(stage: Stage, step: p.Refuse) -> Asked:
    """Does it, and gives the checks with the clause that each proves."""
    row = REFUSALS[step.row]
    return _ASK[row.asked](stage, step, row)


def _wrong(body: dict[str, Any], row: Refusal) -> dict[str, Any]:
    """A right body with the one thing in it that is wrong."""
    return altered(body, {row.place: row.value})


def _says(what: str, step: p.Refuse, row: Refusal) -> str:
    named = f", and the message names {row.named}" if row.named else ""
    return f"{what} is refused ({step.row}){named}"


def _create(stage: Stage, step: p.Refuse, row: Refusal) -> Asked:
    body = _wrong({"name": f"refused {stage.tag}", **PLAIN[row.kind]}, row)
    answer = stage.lab.api.create(body)
    says = _says("a body of POST /connections", step, row)
    if answer.status_code == 201:
        stage.lab.api.delete(str(answer.json()["id"]))
    return [(Answered(says, line_of(answer), (400,), row.named), row.proves), _coded(answer, step)]


def _coded(answer: httpx.Response, step: p.Refuse) -> tuple[Check, str]:
    """A refusal is told for programs too."""
    return Shows(f"a refusal has a code ({step.row})", line_of(answer), {"/code": {"there": True}}), "COM-20.g"


def _change(stage: Stage, step: p.Refuse, row: Refusal) -> Asked:
    connection = stage.connections[str(step.connection)]
    path = f"/connections/{connection.id}"
    now = stage.now(str(step.connection))
    if now is None:
        return []
    before = stage.lab.api.request("GET", path)
    answer = stage.lab.api.replace(connection.id, _wrong(stage.body(str(step.connection), now), row))
    after = stage.lab.api.request("GET", path)
    says = _says("a body of PUT", step, row)
    lines = [line_of(before), line_of(after)]
    found: Asked = [(Answered(says, line_of(answer), (400,), row.named), row.proves), _coded(answer, step)]
    if now.trouble is None:  # else its state may change meanwhile
        found.append((Unchanged(f"a PUT that is refused changes nothing ({step.row})", lines), "COM-20.d"))
    return found


def _flow(stage: Stage, step: p.Refuse, row: Refusal) -> Asked:
    resource = stage.connections[str(step.connection)].resource
    dev_eui = stage.devices[str(step.device)].dev_eui
    answer = stage.lab.api.request("POST", "/flows", _wrong(flow_of(resource, [dev_eui]), row))
    if answer.status_code == 201:
        stage.lab.api.request("DELETE", f"/flows/{answer.json()['id']}")
    says = _says("a body of POST /flows", step, row)
    return [(Answered(says, line_of(answer), (400,), row.named), row.proves), _coded(answer, step)]


def _api(stage: Stage, step: p.Refuse, row: Refusal) -> Asked:
    """A request of the API that has no connection to go to, or asks for all of them: it changes nothing."""
    api = stage.lab.api
    before = sorted(str(one.get("id")) for one in api.listed())
    method, _, path = row.place.partition(" ")
    answer = api.request(method, path, *([] if row.value is GONE else [row.value]))
    after = sorted(str(one.get("id")) for one in api.listed())
    if before != after:
        raise CheckFailed(f"{row.place} has changed the list of connections: {len(before)} before, {len(after)} after")
    return [(Answered(_says(row.place, step, row), line_of(answer), row.statuses), row.proves)]


def _ingress(stage: Stage, step: p.Refuse, row: Refusal) -> Asked:
    """A post that the network server would not make. What is refused and arrives is another check's to see."""
    lab = stage.lab
    device = stage.devices[step.device or next(iter(stage.devices))]
    number = 5_000 + next(_numbers)
    document = document_of(p.Post(device="a"), device.dev_eui, {"name": device.name}, number)
    as_id = lab.options.as_id
    signed = {"as_id": as_id, "as_key": lab.as_key, "time": utc_iso(time.time()), "lrn_infos": f"{as_id}-1-1"}
    pairs = dict(sign_uplink(document, reading=lab.way_in.reading, **signed))
    raw = json.dumps(document).encode()
    if row.place == "body":
        raw = row.value
    elif row.value is GONE:
        pairs.pop(row.place)
    else:
        pairs[row.place] = "0" * 64 if row.place == "Token" else row.value
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs.items())
    answer = _post(lab, f"{lab.endpoints.ingress}?{query}", document, raw)
    if not 400 <= answer.status_code < 500:
        happened = f"{answer.status_code} {redact_text(answer.text)[:200]}"
        raise CheckFailed(f"a post to the ingress is not refused ({step.row}): {happened}")
    return []


def _post(lab: Lab, url: str, document: dict[str, Any], raw: bytes) -> httpx.Response:
    """One post past the lab's own tunnel, with the hops that this would have said."""
    [(root, report)] = document.items()
    told = {"dev_eui": report.get("DevEUI"), "f_cnt": report.get("FCntUp")}
    attempt, emit = next(_attempts), lab.history.emit
    emit(*hops.network_document(root=root, time=report.get("Time"), document=document, **told))
    emit(*hops.tunnel_sent(attempt=attempt, url=url, raw=raw, **told))
    with answer_expected("POST to the ingress", timeout_s=lab.deadlines.answer_s):
        headers = {"Content-Type": "application/json", **lab.way_in.headers}
        answer = lab.browser.post(url, content=raw, headers=headers, timeout=lab.deadlines.answer_s)
    said = hops.tunnel_answered(
        attempt=attempt,
        outcome="accepted" if answer.is_success else "refused",
        status=answer.status_code,
        reason="" if answer.is_success else redact_text(answer.text)[:300],
        headers=[[name, value] for name, value in answer.headers.multi_items()],
        raw=answer.content,
    )
    emit(*said)
    return answer


def _downlink(stage: Stage, step: p.Refuse, row: Refusal) -> Asked:
    lab, device = stage.lab, stage.devices[str(step.device)]
    right = {"DevEUI": device.dev_eui, "FPort": 5, "payload_hex": "0badc0de"}
    url = stage.url(str(step.connection))
    if row.place == "URL":  # nobody's
        answer = lab.post_downlink(f"{url.rpartition('/')[0]}/{row.value}", right)
        return [(Answered(_says("a downlink", step, row), line_of(answer), row.statuses), row.proves)]
    answer = lab.post_downlink(url, _wrong(right, row))
    now = stage.now(str(step.connection))
    takes = now is not None and now.configuration.get("downlinkEnabled") is not False and row.proves != "DL-14"
    statuses, named = (row.statuses, row.named) if takes else ((), "")  # it may be refused for another reason
    return [(Answered(_says("a downlink", step, row), line_of(answer), statuses, named), row.proves)]


_ASK: Final[dict[str, Callable[[Stage, p.Refuse, Refusal], Asked]]] = {
    "create": _create,
    "change": _change,
    "flow": _flow,
    "api": _api,
    "ingress": _ingress,
    "downlink": _downlink,
}
