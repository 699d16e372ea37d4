"""Traces in the JSON form of OpenTelemetry's protocol (OTLP 1, ExportTraceServiceRequest): one for each document.

A document's trace has a span from its first hop to its last, with the verdict and the hop at which it diverged, and
within it a span for each exchange: the post to the forwarder and its answer, each arrival and its acknowledgement.
Where the post had a traceparent the ids are those of it, so that spans of the forwarder's own stand in the same trace.
What has no end of its own, such as a frame on the air, is an event. A file holds a request a line, as collectors
write and read them; an endpoint gets the same by HTTP.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import orjson

from uplab.reports.run import ReportError, Run, Scenario, Verdict, read_events
from uplab.reports.text import one_line
from uplab.reports.way.hops import describe
from uplab.scenarios.history.event import Event

__all__ = ["FILE", "export", "requests", "trace_id"]

FILE = "otlp.jsonl"
_PATH = "/v1/traces"
_TIMEOUT_S = 20.0
_INTERNAL, _SERVER, _CLIENT = 1, 2, 3
_OK, _ERROR = 1, 2
_PAIRS = {
    "tunnel.sent": ("tunnel.answered", "attempt", _CLIENT),
    "destination.arrived": ("destination.answered", "exchange", _SERVER),
    "destination.published": ("destination.acknowledged", "exchange", _SERVER),
}
_ENDS = {end for end, _, _ in _PAIRS.values()}
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_MOST_EVENTS = 128  # of one span, as many as OpenTelemetry keeps by default


def export(run: Run, where: str) -> str:
    """Writes a file, or posts to an endpoint where `where` is a URL, and says where it went.

    Empty is otlp.jsonl in the run's folder. ReportError with one line where it cannot.
    """
    if where.startswith(("http://", "https://")):
        return _posted(run, where)
    path = Path(where) if where else run.folder / FILE
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("wb") as file:
            for one in requests(run):
                file.write(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE))
        unfinished.replace(path)
    except OSError as error:
        raise ReportError(f"--export otlp: {path} cannot be written: {error.strerror}") from None
    finally:
        unfinished.unlink(missing_ok=True)
    return str(path)


def _posted(run: Run, url: str) -> str:
    address = url if url.rstrip("/").endswith(_PATH) else url.rstrip("/") + _PATH
    try:
        with httpx.Client(timeout=_TIMEOUT_S) as client:
            for one in requests(run):
                body = orjson.dumps(one)
                answer = client.post(address, content=body, headers={"Content-Type": "application/json"})
                if not answer.is_success:
                    raise ReportError(f"--export otlp: {address} answered {answer.status_code} and took no traces")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        why = str(error) or type(error).__name__
        raise ReportError(f"--export otlp: {address} took no traces: {one_line(why, 200)}") from None
    return address


def requests(run: Run) -> Iterator[dict[str, Any]]:
    """One request for each scenario that has a history; one that cannot be read has none."""
    resource = {"attributes": [*_attributes(_about(run))]}
    scope = {"name": "uplab", "version": run.version}
    for scenario in run.scenarios:
        if scenario.history is None:
            continue
        try:
            spans = list(_spans(run, scenario, read_events(run.folder, scenario.history, run.format)))
        except ReportError:
            continue
        if spans:
            yield {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": scope, "spans": spans}]}]}


def _about(run: Run) -> dict[str, Any]:
    return {
        "service.name": run.forwarder.name,
        "service.version": run.forwarder.version,
        "uplab.run": run.folder.name,
        "uplab.seed": run.seed,
        "uplab.profile": run.forwarder.profile,
    }


def trace_id(run: Run, scenario: Scenario, id_: str) -> str:
    """32 hexadecimal digits: the same whenever the run is exported."""
    return _digest(32, run.folder.name, scenario.id, id_)


def _digest(digits: int, *parts: object) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:digits]


def _spans(run: Run, scenario: Scenario, events: Iterable[Event]) -> Iterator[dict[str, Any]]:
    ways: dict[str, list[Event]] = {}
    first: Event | None = None
    for event in events:
        first = first or event
        for id_ in dict.fromkeys(event.ids):
            ways.setdefault(id_, []).append(event)
    if first is None:
        return
    try:
        origin_ns = round(datetime.fromisoformat(first.wall).timestamp() * 1e9) - round(first.monotonic_s * 1e9)
    except ValueError:
        return
    for id_, way in ways.items():
        given = next((ids for event in way if (ids := _given(event))), None)
        yield from _trace(given[0] if given else trace_id(run, scenario, id_), scenario, id_, way, origin_ns)


def _trace(trace: str, scenario: Scenario, id_: str, way: Sequence[Event], origin_ns: int) -> Iterator[dict[str, Any]]:
    def at(event: Event) -> str:
        return str(origin_ns + round(event.monotonic_s * 1e9))

    root = _digest(16, trace, "root")
    blamed = next((one for one in scenario.complaints if id_ in one.ids), None)
    ends = {
        (event.hop, event.facts.get("attempt" if event.hop == "tunnel.answered" else "exchange")): event
        for event in way
        if event.hop in _ENDS
    }
    moments = [event for event in way if event.hop not in _PAIRS and event.hop not in _ENDS]
    about = {"uplab.scenario": scenario.id, "uplab.document": id_, "uplab.requirements": list(scenario.requirements)}
    yield {
        "traceId": trace,
        "spanId": root,
        "name": f"{id_} in {scenario.title}"[:120],
        "kind": _INTERNAL,
        "startTimeUnixNano": at(way[0]),
        "endTimeUnixNano": at(way[-1]),
        "attributes": [*_attributes({**about, **_verdict(scenario, blamed)})],
        "events": [
            {"timeUnixNano": at(event), "name": event.hop, "attributes": [*_attributes(_said(event))]}
            for event in moments[:_MOST_EVENTS]
        ],
        "droppedEventsCount": max(0, len(moments) - _MOST_EVENTS),
        "status": _status(blamed),
    }
    for number, event in enumerate(way):
        if event.hop not in _PAIRS:
            continue
        end_hop, by, kind = _PAIRS[event.hop]
        end = ends.get((end_hop, event.facts.get(by)), event)
        diverged = blamed is not None and blamed.hop in (event.hop, event.hop.partition(".")[0])
        yield {
            "traceId": trace,
            "spanId": (_given(event) or (trace, _digest(16, trace, number)))[1],
            "parentSpanId": root,
            "name": event.hop,
            "kind": kind,
            "startTimeUnixNano": at(event),
            "endTimeUnixNano": at(end),
            "attributes": [*_attributes({**_said(event), **_answered(end)})],
            "status": _status(blamed) if diverged else {},
        }


def _given(event: Event) -> tuple[str, str] | None:
    """Trace and span of a post that had a traceparent."""
    found = _TRACEPARENT.fullmatch(str(event.facts.get("traceparent"))) if event.hop == "tunnel.sent" else None
    return (found[1], found[2]) if found else None


def _verdict(scenario: Scenario, blamed: Verdict | None) -> dict[str, Any]:
    if blamed is None:
        return {"uplab.outcome": "passed" if scenario.outcome == "passed" else "not blamed"}
    return {
        "uplab.outcome": blamed.outcome,
        "uplab.check": blamed.check,
        "uplab.clause": blamed.requirement,
        "uplab.diverged_at": blamed.hop,
        "uplab.promised": one_line(blamed.promised, 400),
        "uplab.happened": one_line(blamed.happened, 400),
    }


def _status(blamed: Verdict | None) -> dict[str, Any]:
    if blamed is None:
        return {"code": _OK}
    return {"code": _ERROR, "message": one_line(f"{blamed.check}: {blamed.happened}", 400)}


def _said(event: Event) -> dict[str, Any]:
    facts = event.facts
    return {
        "uplab.says": one_line(describe(event.hop, facts), 300),
        "http.request.method": facts.get("method") if event.hop == "destination.arrived" else None,
        "server.address": facts.get("host"),
        "messaging.destination.name": facts.get("topic"),
    }


def _answered(end: Event) -> dict[str, Any]:
    return {"http.response.status_code": end.facts.get("status"), "uplab.outcome": end.facts.get("outcome")}


def _attributes(values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """In the form of the protocol; what is None is left out."""
    for key, value in values.items():
        if value is None:
            continue
        yield {"key": key, "value": _value(value)}


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}  # 64 bits are a text in JSON
    if isinstance(value, list):
        return {"arrayValue": {"values": [_value(one) for one in value]}}
    return {"stringValue": str(value)}
