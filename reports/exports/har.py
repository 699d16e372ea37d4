"""exchanges.har: the HTTP of a scenario in the HTTP Archive form 1.2, which browsers and many tools open."""

import base64
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from uplab.reports.exports.exchanges import Exchange, exchanges, phrase
from uplab.scenarios.history.event import Event

__all__ = ["har"]


def har(events: Iterable[Event], *, version: str) -> bytes:
    """The archive as JSON; what the history does not hold is told in each entry's comment."""
    entries = [_entry(one) for one in exchanges(events)]
    log = {"version": "1.2", "creator": {"name": "uplab", "version": version}, "entries": entries}
    return orjson.dumps({"log": log}, option=orjson.OPT_INDENT_2)


def _entry(one: Exchange) -> dict[str, Any]:
    took = round(one.took_ms, 3)
    notes = [f"to {one.to}", *one.ids]
    if one.made_up:
        notes.append("not in the history, made up here: " + ", ".join(one.made_up))
    return {
        "startedDateTime": one.begun.isoformat(timespec="milliseconds"),
        "time": took,
        "request": {
            "method": one.method,
            "url": one.url,
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _named(one.asked),
            "queryString": _named(parse_qsl(urlsplit(one.url).query, keep_blank_values=True)),
            **({"postData": _body(one.body, _type(one.asked))} if one.body else {}),
            "headersSize": -1,
            "bodySize": len(one.body),
        },
        "response": {
            "status": one.status or 0,
            "statusText": phrase(one.status),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _named(one.answered),
            "content": {"size": len(one.answer), **_body(one.answer, _type(one.answered))},
            "redirectURL": {name.lower(): value for name, value in one.answered}.get("location", ""),
            "headersSize": -1,
            "bodySize": len(one.answer),
        },
        "cache": {},
        "timings": {"send": 0, "wait": took, "receive": 0},
        "comment": "; ".join(notes),
    }


def _named(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _type(headers: Iterable[tuple[str, str]]) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "application/octet-stream")


def _body(content: bytes, mime: str) -> dict[str, str]:
    try:
        return {"mimeType": mime, "text": content.decode()}
    except UnicodeDecodeError:
        return {"mimeType": mime, "text": base64.b64encode(content).decode(), "encoding": "base64"}
