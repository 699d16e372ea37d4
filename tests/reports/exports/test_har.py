"""exchanges.har holds what the form wants."""

import base64

import orjson

from tests.reports.exports.traffic import TRAFFIC
from uplab.reports.exports.har import har

# What HAR 1.2 wants of an entry, and of its halves.
_ENTRY = {"startedDateTime", "time", "request", "response", "cache", "timings"}
_REQUEST = {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"}
_RESPONSE = {"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize"}


def test_every_entry_has_what_the_form_wants() -> None:
    log = orjson.loads(har(TRAFFIC, version="1"))["log"]

    assert log["version"] == "1.2"
    assert len(log["entries"]) == 5
    for entry in log["entries"]:
        assert set(entry) >= _ENTRY
        assert set(entry["request"]) >= _REQUEST
        assert set(entry["response"]) >= _RESPONSE
        assert "made up here: " in entry["comment"]


def test_bodies_are_those_of_the_wire() -> None:
    entries = orjson.loads(har(TRAFFIC, version="1"))["log"]["entries"]

    assert entries[2]["request"]["postData"] == {"mimeType": "application/json", "text": '{"a": 1}'}
    assert entries[2]["response"]["status"] == 503
    binary = entries[4]["request"]["postData"]
    assert base64.b64decode(binary["text"]) == b"\xff\x00" * 50_000
    assert entries[4]["response"] == entries[4]["response"] | {"status": 0, "statusText": "no answer"}
