"""Captures in the shapes of tools and platforms that the project has no file of; ids, hosts and times are invented."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from uplab.scenarios.captures.capture import Exchange, read_capture
from uplab.scenarios.captures.shapes import split_message

DOCUMENT = '{"DevEUI_uplink": {"DevEUI": "0018B20000001234", "FCntUp": 7, "LrrRSSI": -91.000000}}'
AT, AT_S = "2026-05-04T03:02:01.000Z", 1777863721.0
TYPE = {"Content-Type": "application/json"}
MESSAGE = f"POST /up HTTP/1.1\r\nHost: there.example\r\nContent-Type: application/json\r\n\r\n{DOCUMENT}"


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def har(tool: str, at: str, answer: dict[str, Any], **more: Any) -> dict[str, Any]:
    """As browsers and clients write it, with the members of their own."""
    posted = {"mimeType": "application/json", "params": [], "text": DOCUMENT}
    request = {"method": "POST", "url": "https://there.example/up", "headers": [], "postData": posted, "bodySize": -1}
    entry = {"startedDateTime": at, "time": 6200, "request": request, "response": answer, "cache": {}, **more}
    return {"log": {"version": "1.2", "creator": {"name": tool}, "pages": [], "entries": [entry]}}


WEBHOOK_SITE: dict[str, Any] = {
    "uuid": "a",
    "method": "POST",
    "content": DOCUMENT,
    "headers": {"content-type": ["application/json"]},
}
WEBHOOK_SITE |= {"time": 0.0012, "url": "https://there.example/t", "created_at": "2026-05-04 03:02:01"}
NGROK: dict[str, Any] = {
    "start": "2026-05-04T03:02:01.000000000Z",
    "duration": 6_200_000_000,
    "request": {"raw": in_base64(MESSAGE)},
}
NGROK |= {"response": {"status": "503 Service Unavailable", "status_code": 503}}
PIPEDREAM: dict[str, Any] = {
    "event": {"method": "POST", "headers": TYPE, "bodyRaw": DOCUMENT, "body": {}},
    "indexed_at_ms": 1777863721000,
}
CATCHER: dict[str, Any] = {
    "time": AT,
    "method": "POST",
    "headers": {"Content-Type": ["application/json"]},
    "body": DOCUMENT,
}
POSTMAN: dict[str, Any] = {"method": "POST", "header": [{"key": "Content-Type", "value": "application/json"}]}
POSTMAN |= {"body": {"mode": "raw", "raw": DOCUMENT}, "url": {"raw": "https://there.example/up", "host": ["there"]}}
INSOMNIA: dict[str, Any] = {
    "_type": "request",
    "method": "POST",
    "body": {"mimeType": "application/json", "text": DOCUMENT},
}

CHARLES = {
    "method": "POST",
    "scheme": "https",
    "host": "there.example",
    "path": "/up",
    "times": {"start": AT},
    "durations": {"total": 6200},
    "request": {"header": {"headers": []}, "body": {"encoding": "base64", "encoded": in_base64(DOCUMENT)}},
}
MITMPROXY = {
    "error": None,
    "request": {
        "method": "POST",
        "scheme": "https",
        "host": "there.example",
        "path": "/up",
        "headers": [["Content-Type", "application/json"]],
        "timestamp_start": AT_S,
        "content": DOCUMENT,
    },
    "response": {"status_code": 503, "timestamp_end": AT_S + 6.25},
}
PACKET = {
    "frame": {"frame.time_epoch": str(AT_S)},
    "http": {"http.request.method": "POST", "http.file_data": DOCUMENT.encode().hex(":")},
}
SHAPES: dict[str, tuple[Any, float | None, int | None]] = {
    "Firefox": (har("Firefox", "2026-05-04T05:02:01.000+02:00", {"status": 503}, _securityState="secure"), AT_S, 503),
    "Chrome": (har("WebInspector", AT, {"status": 0, "_error": "net::ERR_FAILED"}, _priority="High"), AT_S, 0),
    "Insomnia's HAR": (har("Insomnia REST Client", AT, {"status": 200}, comment="up"), AT_S, 200),
    "webhook.site": ({"data": [WEBHOOK_SITE], "total": 1, "per_page": 50}, AT_S, None),
    "RequestBin": (
        [{"method": "POST", "headers": TYPE, "body": json.loads(DOCUMENT), "raw": DOCUMENT, "ts": AT_S}],
        AT_S,
        None,
    ),
    "Pipedream": ({"events": [PIPEDREAM]}, AT_S, None),
    "Hookdeck": (
        {"models": [{"created_at": AT, "data": {"headers": TYPE, "body": DOCUMENT}, "response_status": 503}]},
        AT_S,
        503,
    ),
    "Beeceptor": (
        [{"method": "POST", "requestHeaders": TYPE, "requestBody": DOCUMENT, "responseStatus": 200, "createdAt": AT}],
        AT_S,
        200,
    ),
    "RequestCatcher": ([CATCHER], AT_S, None),
    "ngrok": ({"uri": "/api/requests/http", "requests": [NGROK]}, AT_S, 503),
    "httpbin": ({"args": {}, "data": DOCUMENT, "headers": TYPE, "json": {}, "method": "POST"}, None, None),
    "AWS": (
        {"headers": TYPE, "body": in_base64(DOCUMENT), "isBase64Encoded": True, "timeEpoch": AT_S * 1000},
        AT_S,
        None,
    ),
    "Postman": ({"info": {"name": "x"}, "item": [{"name": "folder", "item": [{"request": POSTMAN}]}]}, None, None),
    "Insomnia's export": ({"_type": "export", "resources": [INSOMNIA]}, None, None),
    "a broker's lines": ({"ts": AT_S, "topic": "mqtt/things/0018B20000001234/uplink", "payload": DOCUMENT}, AT_S, None),
    "a stream's records": ({"offset": 3, "timestamp": 1777863721000, "key": "k", "value": DOCUMENT}, AT_S, None),
    "a log's lines": ({"@timestamp": AT, "level": "info", "fields": {"msg": {"up": DOCUMENT}}}, AT_S, None),
    "Charles": ([{**CHARLES, "status": "COMPLETE", "response": {"status": 503}}], AT_S, 503),
    "mitmproxy's flows": ([MITMPROXY], AT_S, 503),
    "a broker's lines with words": ({"tst": "2026-05-04T03:02:01.000000+0000", "payload": DOCUMENT}, AT_S, None),
    "a queue in the cloud": (
        [{"EnqueuedTimeUtc": AT, "Properties": {}, "Body": in_base64(DOCUMENT)}],
        AT_S,
        None,
    ),
    "a journal": ({"__REALTIME_TIMESTAMP": "1777863721000000", "MESSAGE": DOCUMENT, "_PID": "1"}, AT_S, None),
    "a container's log with words": ({"log": f"INFO posting {DOCUMENT}\n", "stream": "stdout", "time": AT}, AT_S, None),
    "packets as JSON": ([{"_source": {"layers": PACKET}}], AT_S, None),
    "a search index": (
        {"took": 1, "hits": {"hits": [{"_source": {"@timestamp": AT, "message": DOCUMENT}}]}},
        AT_S,
        None,
    ),
    "streams of a log": (
        {"status": "success", "data": {"result": [{"stream": {}, "values": [["1777863721000000000", DOCUMENT]]}]}},
        AT_S,
        None,
    ),
    "Insomnia's collections": (
        {"collection": [{"children": [{"method": "POST", "body": {"text": DOCUMENT}}]}]},
        None,
        None,
    ),
    "microseconds": ({"_time": AT_S * 1e6, "record": DOCUMENT}, AT_S, None),
}


def read(shape: str) -> Exchange:
    # A document that stands there as JSON would lose its digits here, so that it is put in by hand.
    text = json.dumps(SHAPES[shape][0]).replace(json.dumps(json.loads(DOCUMENT)), DOCUMENT)
    (one,) = read_capture(text.encode(), "it")
    return one


@pytest.mark.parametrize("shape", SHAPES)
def test_request_of_each_tool_tells_body_time_and_answer(shape: str) -> None:
    one = read(shape)

    assert (one.body, one.method, one.unread) == (DOCUMENT.encode(), "POST", "")
    assert (one.at_s, one.status) == SHAPES[shape][1:]


def test_document_that_stands_in_a_line_as_json_keeps_its_digits() -> None:
    lines = f'{{"ts": {AT_S}, "msg": {DOCUMENT}}}\r\n\r\n{{"ts": {AT_S + 5}, "msg": {DOCUMENT}}}\r\n'

    assert [(one.body, one.at_s) for one in read_capture(b"\xef\xbb\xbf" + lines.encode(), "it")] == [
        (DOCUMENT.encode(), AT_S),
        (DOCUMENT.encode(), AT_S + 5),
    ]


def test_wait_in_nanoseconds_is_no_wait_of_months() -> None:
    assert read("ngrok").wait_ms == 6200.0


def test_whole_message_tells_its_target_and_headers() -> None:
    one = read("ngrok")

    assert (one.url, one.headers) == ("/up", (("Host", "there.example"), ("Content-Type", "application/json")))
    assert split_message("POST is a verb") is None
    assert split_message("POST /up HTTP/1.1\nA: b\n\n{}") == ("POST", "/up", (("A", "b"),), "{}")


@pytest.mark.parametrize("count", [0.0012, 6200, 5, -1, 1e300])
def test_count_that_is_no_instant_is_passed_over(count: float) -> None:
    (one,) = read_capture(json.dumps([{"time": count, "created_at": AT, "body": DOCUMENT}]).encode(), "it")

    assert one.at_s == AT_S


def test_parts_that_tools_write_apart_are_put_together() -> None:
    charles, flows = read("Charles"), read("mitmproxy's flows")

    assert (charles.url, charles.wait_ms) == (flows.url, 6200.0) == ("https://there.example/up", 6200.0)
    assert flows.wait_ms == pytest.approx(6250)
    failed = {**MITMPROXY, "error": {"msg": "Connection reset by peer"}, "response": None}
    assert read_capture(json.dumps([failed]).encode(), "it")[0].error == "Connection reset by peer"


def test_documents_under_names_that_nobody_knows_are_all_found() -> None:
    hits = [{"_source": {"@timestamp": AT, "message": DOCUMENT}}, {"_source": {"message": DOCUMENT}}]

    found = read_capture(json.dumps({"hits": {"hits": hits}}).encode(), "it")

    assert [(one.place, one.at_s, one.body) for one in found] == [
        ("it, document 1", AT_S, DOCUMENT.encode()),
        ("it, document 2", None, DOCUMENT.encode()),
    ]


def test_form_tells_its_document_and_that_it_was_one() -> None:
    posted = {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "payload", "value": DOCUMENT}]}
    entry = {"startedDateTime": AT, "request": {"method": "POST", "url": "u", "headers": [], "postData": posted}}

    (one,) = read_capture(json.dumps({"log": {"entries": [entry]}}).encode(), "it")

    assert one.body == DOCUMENT.encode()
    assert one.headers == (("Content-Type", "application/x-www-form-urlencoded"),)


def test_body_that_came_with_words_around_it_is_left_as_it_came() -> None:
    (one,) = read_capture(json.dumps([{"timestamp": AT, "method": "POST", "body": f"?{DOCUMENT}"}]).encode(), "it")

    assert one.body == f"?{DOCUMENT}".encode()
