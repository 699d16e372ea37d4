"""Documents within logs, tables and other text that is no JSON, as programs and shells leave them."""

from __future__ import annotations

import base64
import json

import pytest

from uplab.scenarios.captures.capture import read_capture
from uplab.scenarios.captures.within import begins, documents_within, instant_in, unwrapped

DOCUMENT = '{"DevEUI_uplink": {"DevEUI": "0018B20000001234", "FCntUp": 7, "LrrRSSI": -91.000000}}'
ALARM = '{ "BS_alarm" : {"LrrID": "08040059"}}'
ESCAPED = json.dumps(DOCUMENT)[1:-1]
CELL = '"' + DOCUMENT.replace('"', '""') + '"'
AT, AT_S = "2026-05-04T03:02:01.250Z", 1777863721.25

LINES = {
    "kubectl with timestamps": (f"2026-05-04T03:02:01.250000000Z {DOCUMENT}", AT_S),
    "a container runtime": (f"2026-05-04T05:02:01.250000000+02:00 stdout F {DOCUMENT}", AT_S),
    "syslog": (f"<134>1 {AT} host app 12 - - {DOCUMENT}", AT_S),
    "syslog without a year": (f"May  4 03:02:01 host app[12]: {DOCUMENT}", None),
    "Python's logging": (f"[2026-05-04 03:02:01,250] DEBUG root: body={DOCUMENT} status=200", AT_S),
    "Go's log": (f"2026/05/04 03:02:01 posting {DOCUMENT}", AT_S - 0.25),
    "logfmt": (f'ts={AT} level=info msg="posting {ESCAPED} to there" status=200', AT_S),
    "a quoted text": (f'{AT} INFO body="{ESCAPED}"', AT_S),
    "a broker's subscriber": (f"mqtt/things/0018B20000001234/uplink {DOCUMENT}", None),
    "a count of seconds": (f"1777863721.250 uplink {DOCUMENT}", AT_S),
    "a count of milliseconds": (f"1777863721250 uplink {DOCUMENT}", AT_S),
    "the time behind it": (f"in: {DOCUMENT} at {AT}", AT_S),
    "a table": (f"7,POST,{AT},{CELL},200", AT_S),
    "a table with semicolons, the time last": (f"7;{CELL};{AT}", AT_S),
    "a shell": (f"curl -d '{DOCUMENT}' http://there.example/up", None),
    "words that are no date": (f"2026-99-99T99:99:99Z {DOCUMENT}", None),
}


@pytest.mark.parametrize("kind", LINES)
def test_line_keeps_the_characters_of_its_document_and_its_time(kind: str) -> None:
    line, at_s = LINES[kind]

    for end in ("\n", "\r\n"):
        found = read_capture(f"starting up{end}{line}{end}done{end}".encode(), "it")

        assert [(one.place, one.body, one.at_s, one.unread) for one in found] == [
            ("it, line 2", DOCUMENT.encode(), at_s, "")
        ]


def test_every_document_is_found_and_named_by_its_line() -> None:
    pretty = json.dumps(json.loads(ALARM), indent=2)
    text = f"{DOCUMENT} {ALARM}\nnothing\n{AT} {pretty}\n{AT} {{'DevEUI_uplink': {{}}}}\n{AT} {DOCUMENT[:-9]}\n"

    found = list(documents_within(text))

    assert [one.line for one in found] == [1, 1, 3, 8, 9]
    assert [one.text for one in found] == [DOCUMENT, ALARM, pretty, "{'DevEUI_uplink': {}}", DOCUMENT[:-9]]


def test_line_of_a_log_that_is_json_is_read_as_such() -> None:
    request = {"timestamp": AT, "method": "PUT", "url": "http://there.example/up", "body": DOCUMENT, "status": 503}
    text = f"# what came today\n{json.dumps(request)}\n{AT} {DOCUMENT}\n"

    first, second = read_capture(text.encode(), "it")

    assert (first.method, first.url, first.status, first.body) == (
        "PUT",
        "http://there.example/up",
        503,
        DOCUMENT.encode(),
    )
    assert second.place == "it, line 3"


def test_request_as_it_went_tells_its_headers() -> None:
    raw = f"POST /up HTTP/1.1\r\nHost: there.example\r\nContent-Type: application/json\r\n\r\n{DOCUMENT}\r\n"

    (one,) = read_capture(raw.encode(), "it")

    assert (one.body, one.url) == (DOCUMENT.encode(), "/up")
    assert one.headers == (("Host", "there.example"), ("Content-Type", "application/json"))


@pytest.mark.parametrize(
    "text", ["{" * 200_000, ("{" + " " * 199) * 2_000 + "DevEUI_uplink", '{"' * 50_000, "DevEUI_uplink"]
)
def test_braces_without_end_are_no_document(text: str) -> None:
    assert not begins(text)
    assert list(documents_within(text)) == []


def test_bytes_in_other_forms_are_told_from_texts() -> None:
    raw = DOCUMENT.encode()

    assert unwrapped(base64.b64encode(raw).decode()) == raw
    assert unwrapped(raw.hex()) == unwrapped(raw.hex(":")) == raw
    for other in ("", "eyJ?", "7b22zz", "7b2", DOCUMENT, base64.b64encode(b"[1, 2, 3, 4]").decode()):
        assert unwrapped(other) is None


@pytest.mark.parametrize("text", ["", "20260504", "12:30:00", "1234567890123456", "id 17778637212", "v1777863721x"])
def test_words_without_an_instant_say_none(text: str) -> None:
    assert instant_in(text) is None
