"""Captures as strangers bring them: read, or refused in one line with the place, and never judged wrongly."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from uplab.scenarios.captures.capture import CaptureError, read_capture
from uplab.scenarios.captures.judging import judge, unread
from uplab.scenarios.captures.replayed import fault_plan
from uplab.scenarios.cli.main import app

REPORT = {"DevEUI": "0018B20000001234", "FCntUp": 7, "Time": "2026-05-04T03:02:01.000+00:00", "downlinkUrl": "u"}
DOCUMENT = json.dumps({"DevEUI_uplink": REPORT})
NEXT = DOCUMENT.replace('"FCntUp": 7', '"FCntUp": 8')
HALF = DOCUMENT.replace('"u"', '"\\ud83d"')


def entry(text: str = DOCUMENT, at: Any = "2026-05-04T03:02:01.000Z", **changes: Any) -> dict[str, Any]:
    headers = changes.pop("headers", [{"name": "content-type", "value": "application/json"}])
    request = {"method": "POST", "url": "https://there.example/up", "headers": headers, "postData": {"text": text}}
    request |= changes.pop("request", {})
    return {"startedDateTime": at, "time": 20, "request": request, "response": {"status": 200}, **changes}


def har(*entries: Any) -> bytes:
    return json.dumps({"log": {"entries": entries}}).encode()


def packed(text: str, encoding: str, raw: bytes) -> dict[str, Any]:
    headers = [{"name": "Content-Type", "value": "application/json"}, {"name": "Content-Encoding", "value": encoding}]
    posted = {"text": base64.b64encode(raw).decode(), "encoding": "base64"}
    return entry(headers=headers, request={"postData": posted})


REFUSED: dict[str, tuple[bytes, str]] = {
    "cut off": (har(entry())[:-40], "it, line 1, column "),
    "a comment and no document": (b"// mine\n{}", "it, line 1, column 1: expected a value, found '// mine"),
    "UTF-16 that is cut off": (har(entry()).decode().encode("utf-16")[:-1], "it: it is no text in UTF-16 (byte "),
    "an archive": (b"PK\x03\x04 and more", "it: it is a ZIP archive: unpack it first"),
    "packets": (b"\xd4\xc3\xb2\xa1 and more", "it: it is packets (pcap): save its HTTP as JSON"),
    "a HAR without entries": (har(), "it: there is no request in it"),
    "packed and cut off": (gzip.compress(har(entry()))[:-20], "it: it came as gzip, and is "),
    "packed, of something else": (gzip.compress(b"\xff\xfd"), "it: it is no text in UTF-8 (byte 0, line 1)"),
    "NaN": (har(entry()).replace(b'"time": 20', b'"time": NaN'), "it, line 1, column "),
    "a member twice": (har(entry()).replace(b'"time": 20', b'"time": 20, "time": 21'), "it, line 1, column "),
    "nested without end": (b"[" * 100_000, "it, line 1, column 65: it is nested too deeply"),
    "a line that is cut off": (f'{DOCUMENT}\n{{"body": "x\n'.encode(), "it, line 2: "),
    "nothing": (b" \r\n", "it, line 1, column 1: expected a value, found the end"),
    "a trailing comma": (har(entry()).replace(b"]}}", b",]}}"), "it, line 1, column "),
}


@pytest.mark.parametrize("name", REFUSED)
def test_capture_that_cannot_be_read_is_refused_with_its_place(name: str) -> None:
    raw, words = REFUSED[name]

    with pytest.raises(CaptureError) as caught:
        read_capture(raw, "it")

    assert str(caught.value).startswith(words)
    assert "\n" not in str(caught.value)


H2 = [{"name": ":authority", "value": "there.example"}, {"name": ":path", "value": "/up"}]
H2 += [{"name": "content-type", "value": "application/json; charset=utf-8"}]
TRACES = [{"name": "X-B3-SpanId", "value": "463ac35c9f6413ad"}, {"name": "X-Id", "value": "{3F2504E0-4F89-11D3}"}]
TRACES += [{"name": "Content-Type", "value": "application/json"}]
LATER = "2026-05-04T03:02:02.000Z"
READ: dict[str, tuple[bytes, int, int]] = {
    "packed by gzip": (gzip.compress(har(entry())), 1, 0),
    "documents as a pretty printer leaves them": (
        f"{json.dumps(json.loads(DOCUMENT), indent=2)}\n{json.dumps(json.loads(NEXT), indent=2)}\n".encode(),
        2,
        0,
    ),
    "a comment before it": (b"// mine\n" + har(entry()), 1, 0),
    "UTF-16": (har(entry()).decode().encode("utf-16"), 1, 0),
    "UTF-16 without a mark": (f"{DOCUMENT}\r\n{NEXT}\r\n".encode("utf-16-le"), 2, 0),
    "a byte order mark": (b"\xef\xbb\xbf" + har(entry()), 1, 0),
    "pseudo headers": (har(entry(headers=H2)), 1, 0),
    "ids of other kinds": (har(entry(headers=TRACES)), 1, 0),
    "some of the headers": (har(entry(headers=[{"name": "Accept", "value": "*/*"}])), 1, 0),
    "the type beside the body": (
        har(entry(headers=[], request={"postData": {"mimeType": "application/json", "text": DOCUMENT}})),
        1,
        0,
    ),
    "no times": (har(entry(at=None), entry(NEXT, at=None), entry(DOCUMENT, at=None, response={"status": 503})), 3, 0),
    "one time for all": (har(entry(NEXT), entry(DOCUMENT)), 2, 0),
    "negative times": (har(entry(NEXT, at=-5, time=-1), entry(DOCUMENT, at=-6)), 2, 0),
    "times that are none": (har(entry(NEXT, at="NaN"), entry(DOCUMENT, at="1e400")), 2, 0),
    "no answers": (har(entry(response=None), entry(response={"status": -1}, at=LATER)), 2, 0),
    "an answer after six seconds": (har(entry(time=6200), entry(at=LATER)), 2, 0),
    "half a character in a page": (har(entry("\ud83d page"), entry(at=LATER)), 1, 1),
    "half a character in a document": (har(entry(HALF), entry(NEXT, at=LATER)), 1, 1),
    "no Base64": (har(entry(request={"postData": {"text": "?", "encoding": "base64"}}), entry(at=LATER)), 1, 1),
    "packed bodies": (har(packed(DOCUMENT, "gzip", gzip.compress(DOCUMENT.encode()))), 1, 0),
    "unpacked by the tool": (har(packed(DOCUMENT, "gzip", DOCUMENT.encode())), 1, 0),
    "packed as nobody reads it": (har(packed(DOCUMENT, "br", b"\x8b\x02\x80"), entry(at=LATER)), 1, 1),
    "chunks as they came": (har(entry(f"{len(DOCUMENT):x}\r\n{DOCUMENT}\r\n0\r\n\r\n"), entry(at=LATER)), 1, 1),
    "CRLF": (f"{DOCUMENT}\r\n{NEXT}\r\n".encode(), 2, 0),
    "entries that are none": (har(None, 5, [], {}, {"request": 5}, entry()), 1, 0),
    "a second product": (
        har(entry(), entry(NEXT.replace(', "downlinkUrl": "u"', ""), request={"url": "https://other/"})),
        2,
        0,
    ),
    "the tunnel beside the delivery": (
        har(entry(DOCUMENT.replace(', "downlinkUrl": "u"', ""), request={"url": "http://f/in"}), entry(at=LATER)),
        2,
        0,
    ),
}


@pytest.mark.parametrize("name", READ)
def test_capture_that_proves_nothing_breaks_nothing(name: str) -> None:
    raw, documents, left = READ[name]

    exchanges = read_capture(raw, "it")
    found = judge(exchanges)

    assert [one for one in found if one.outcome == "failed"] == []
    assert len(unread(exchanges)) == left
    assert sum(one.body is not None and b"DevEUI_uplink" in one.body for one in exchanges) >= documents
    assert all(fault["type"] == "Fault" for fault in fault_plan(exchanges))


def test_what_was_not_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "it.har").write_bytes(READ["no Base64"][0])

    shown = CliRunner().invoke(app, ["judge", str(tmp_path / "it.har")])

    assert shown.exit_code == 0
    assert shown.output.splitlines()[-1] == (
        f"not read: 1 of 2 requests, the first {tmp_path / 'it.har'}, entry 1: its body is no Base64"
    )


def test_masked_lines_keep_the_gaps(tmp_path: Path) -> None:
    (tmp_path / "it.har").write_bytes(har(entry(), entry(NEXT, at="2026-05-04T03:02:07.250Z")))

    CliRunner().invoke(app, ["judge", str(tmp_path / "it.har"), "--masked", str(tmp_path / "out.ndjson")])
    lines = read_capture((tmp_path / "out.ndjson").read_bytes(), "out")

    assert [one.at_s for one in lines] == [1777863721.0, 1777863727.25]
    assert b"0018B20000001234" not in (lines[0].body or b"")
    assert (lines[1].body or b"").startswith(b'{"DevEUI_uplink": {"DevEUI": "0000000000000001", "FCntUp": 8')
