from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from uplab.scenarios.captures.capture import CaptureError, read_capture, read_path

DOCUMENT = '{"DevEUI_uplink": {"DevEUI": "0018B20000001234", "LrrRSSI": -91.000000}}'
AT = "2026-05-04T03:02:01.000Z"
AT_S = 1777863721.0


def har(*entries: dict[str, Any]) -> bytes:
    return json.dumps({"log": {"version": "1.2", "entries": entries}}).encode()


def entry(**changes: Any) -> dict[str, Any]:
    request = {
        "method": "POST",
        "url": "https://there.example/up?a=1",
        "headers": [{"name": "X-Site", "value": "Paris"}],
        "postData": {"mimeType": "application/json", "text": DOCUMENT},
    }
    return {"startedDateTime": AT, "time": 6200, "request": request, "response": {"status": 503}, **changes}


def test_document_alone_keeps_every_byte() -> None:
    raw = f" {DOCUMENT}\n".encode()

    (one,) = read_capture(raw, "it")

    assert one.body == DOCUMENT.encode()


def test_har_tells_request_and_answer() -> None:
    (one,) = read_capture(har(entry()), "it")

    assert (one.place, one.body, one.at_s, one.method) == ("it, entry 1", DOCUMENT.encode(), AT_S, "POST")
    assert (one.url, one.headers, one.status, one.wait_ms) == (
        "https://there.example/up?a=1",
        (("X-Site", "Paris"), ("Content-Type", "application/json")),
        503,
        6200.0,
    )


def test_har_of_another_tool_has_its_body_in_base64_and_its_failure_in_words() -> None:
    other = entry(response={"status": 0, "_error": "net::ERR_CONNECTION_RESET"})
    other["request"]["postData"] = {"text": base64.b64encode(DOCUMENT.encode()).decode(), "encoding": "base64"}

    (one,) = read_capture(har(other), "it")

    assert (one.body, one.status, one.error) == (DOCUMENT.encode(), 0, "net::ERR_CONNECTION_RESET")


BINS = {
    "a bin with texts": [{"timestamp": AT, "body": DOCUMENT}],
    "a bin with bytes": [{"timestamp": AT, "body": "?", "bodyBase64": base64.b64encode(DOCUMENT.encode()).decode()}],
    "a list below data": {"data": [{"created_at": "2026-05-04 03:02:01", "content": DOCUMENT, "method": "POST"}]},
    "times as milliseconds": {"requests": [{"time": AT_S * 1000, "raw": DOCUMENT}]},
    "the request apart": [{"timestamp": AT_S, "request": {"method": "POST", "body": DOCUMENT}, "response": {}}],
}


@pytest.mark.parametrize("shape", BINS)
def test_bin_of_each_shape_tells_body_and_time(shape: str) -> None:
    (one,) = read_capture(json.dumps(BINS[shape]).encode(), "it")

    assert (one.body, one.at_s, one.method) == (DOCUMENT.encode(), AT_S, "POST")


def test_newest_first_becomes_oldest_first() -> None:
    items = [{"number": number, "timestamp": AT, "body": DOCUMENT + " " * number} for number in (3, 2, 1)]

    assert [one.body for one in read_capture(json.dumps(items).encode(), "it")] == [
        (DOCUMENT + " " * number).encode() for number in (1, 2, 3)
    ]


def test_body_that_stands_there_as_json_keeps_its_digits() -> None:
    raw = '[{"body": ' + DOCUMENT + ', "headers": {"X-A": ["1", "2"]}}]'

    (one,) = read_capture(raw.encode(), "it")

    assert (one.body, one.headers) == (DOCUMENT.encode(), (("X-A", "1"), ("X-A", "2")))


def test_lines_and_arrays_of_documents_are_series() -> None:
    lines = f"{DOCUMENT}\r\n\n{DOCUMENT}\n".encode()

    assert [(one.place, one.body) for one in read_capture(lines, "it")] == [
        ("it, line 1", DOCUMENT.encode()),
        ("it, line 3", DOCUMENT.encode()),
    ]
    assert len(read_capture(f"[{DOCUMENT}, {DOCUMENT}]".encode(), "it")) == 2


def test_folder_is_read_by_name(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(DOCUMENT)
    (tmp_path / "a.ndjson").write_text(f"{DOCUMENT}\n{DOCUMENT}\n")
    (tmp_path / "notes.txt").write_text("?")

    assert [Path(one.place.partition(",")[0]).name for one in read_path(tmp_path)] == ["a.ndjson", "a.ndjson", "b.json"]


WRONG = [
    (b"", "it, line 1, column 1: expected a value"),
    (b"\xff", "it: it is no text in UTF-8 (byte 0, line 1)"),
    (b"hello", "it, line 1, column 1: is hello, which is no JSON value"),
    (b'{"a": 1}\n{"a": }\n', "it, line 2: column 7: a expected a value, found '}'"),
]


@pytest.mark.parametrize(("raw", "words"), WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_what_is_no_capture_is_named_with_its_place(raw: bytes, words: str) -> None:
    with pytest.raises(CaptureError) as caught:
        read_capture(raw, "it")

    assert str(caught.value).startswith(words)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "words"), [("nowhere", "No such file or directory"), (".", "no file in it ends with")]
)
def test_path_that_cannot_be_read_is_named(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(CaptureError) as caught:
        read_path(tmp_path / name)

    assert str(caught.value).startswith(f"{tmp_path / name}: {words}")
