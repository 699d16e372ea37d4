from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.scenarios.history_lines import DEV, Story, document
from uplab.fakes.mqtt import packets as p
from uplab.fakes.mqtt.codec import encode
from uplab.scenarios.history.event import Event
from uplab.scenarios.history.hops import FORMAT
from uplab.scenarios.history.identity import Ledger
from uplab.scenarios.history.reader import HistoryError, format_of, read_history

HEARD = {"lrr_id": "A", "dev_eui": DEV, "rssi_dbm": -71.5, "snr_db": 9, "esp_dbm": -72, "phy_hex": "40"}
LINE = {"seq": 2, "monotonic_s": 2.5, "wall": "w", "hop": "gateway.heard", "id": "u1", "facts": HEARD}


def read(folder: Path, *lines: object, format_: int = FORMAT) -> list[Event]:
    """What is read of a history of these lines."""
    path = folder / "one.jsonl"
    path.write_bytes(b"".join(one if isinstance(one, bytes) else orjson.dumps(one) + b"\n" for one in lines))
    return list(read_history(path, format_))


def test_history_reads_back_as_it_was_told(tmp_path: Path) -> None:
    story = Story(Ledger(remember=1))
    for f_cnt in (1, 2, 3):
        story.sent(f_cnt, outcome="refused")
    with story.history.scenario(tmp_path / "h" / "one.jsonl"):
        story.sent(4)
        story.delivered(4)
        story.arrives(b"\xff\x00")
        story.arrives(document(DEV, 1))
        told = story.events

    assert told[-1].doubt > 0
    assert list(read_history(tmp_path / "h" / "one.jsonl")) == told
    assert [Event.of_line(event.line()) for event in told] == told


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b'{"seq": 1, "mono', r"no JSON \(.*\); it is cut off"),
        (b'{"seq": 1, "mono\n', r"no JSON \("),
        (b"[1]\n", "a line is an object"),
        ({"seq": 1}, "monotonic_s is missing"),
        (LINE | {"seq": 10**18}, "seq must be at most 1,000,000,000,000,000"),
        (LINE | {"monotonic_s": -1e308}, "monotonic_s must be at most 1,000,000,000,000,000"),
        (LINE | {"seq": "1"}, "seq must be a whole number"),
        (LINE | {"seq": True}, "seq must be a whole number"),
        (LINE, "seq must rise, and 2 comes after 2"),
        (LINE | {"seq": 1}, "seq must rise, and 1 comes after 2"),
        (LINE | {"monotonic_s": None}, "monotonic_s must be a number"),
        (LINE | {"facts": 3}, "facts must be an object"),
        (LINE | {"id": 3}, "id must be text or null, ids a list of texts"),
        (LINE | {"ids": "u1"}, "id must be text or null, ids a list of texts"),
        (LINE | {"ids": ["u1", 2]}, "ids must be a list of texts"),
        (LINE | {"doubt": "1"}, "doubt must be a whole number"),
        (LINE | {"raw": 1}, r"raw must be text or \{base64: text\}"),
        (LINE | {"raw": {"base64": "!"}}, r"raw\.base64 is no Base64"),
        (LINE | {"hop": "gateway.hears"}, "there is no hop 'gateway.hears'"),
        (LINE | {"facts": HEARD | {"snr_db": "9"}}, "gateway.heard: snr_db must be number, not text"),
        (LINE | {"facts": {"lrr_id": "A"}}, "gateway.heard: dev_eui is missing"),
    ],
)
def test_broken_line_is_one_line_with_its_number(tmp_path: Path, line: object, problem: str) -> None:
    with pytest.raises(HistoryError, match=rf"^one\.jsonl, line 2: {problem}") as said:
        read(tmp_path, LINE, line)

    assert "\n" not in str(said.value)


def test_lines_before_the_broken_one_are_read(tmp_path: Path) -> None:
    (tmp_path / "one.jsonl").write_bytes(orjson.dumps(LINE) + b"\n" + b'{"seq"')
    events: Iterator[Event] = read_history(tmp_path / "one.jsonl")

    assert next(events).seq == 2
    with pytest.raises(HistoryError, match="line 2"):
        next(events)


@pytest.mark.parametrize("qos", [0, 1])
@pytest.mark.parametrize("size", [2, 120, 200, 20_000])
def test_history_that_kept_the_whole_packet_reads_as_its_payload(tmp_path: Path, qos: int, size: int) -> None:
    payload = b"{" + b" " * (size - 2) + b"}"
    packet = encode(p.Publish("v1/gateway/telemetry", payload, qos, 0x7B7B if qos else 0))
    old = {"fake": "thingsboard", "session": 1, "exchange": 1, "topic": "v1/gateway/telemetry", "qos": qos}
    events = [
        Event(number, 1.0, "w", "destination.published", (), {**old, "packet_id": 1}, raw).line()
        for number, raw in enumerate((packet, payload), 1)
    ]

    assert [event.raw for event in read(tmp_path, *events, format_=1)] == [payload] * 2
    with pytest.raises(HistoryError, match=r"line 1: destination\.published: level is missing"):
        read(tmp_path, *events)


@pytest.mark.parametrize(("record", "number"), [({}, 1), ({"format": 1}, 1), ({"format": FORMAT}, FORMAT)])
def test_format_of_a_run(record: dict[str, Any], number: int) -> None:
    assert format_of(record) == number


def test_newer_format_is_refused_in_a_line_that_names_both() -> None:
    with pytest.raises(
        HistoryError, match=rf"^it is of format {FORMAT + 1}, and this uplab reads formats up to {FORMAT}"
    ):
        format_of({"format": FORMAT + 1})


@pytest.mark.parametrize("number", [0, -1, True, "2", None, 1.5, [2]])
def test_what_is_no_format_is_said(number: object) -> None:
    with pytest.raises(HistoryError, match=r"^format must be a whole number from 1 on, not "):
        format_of({"format": number})
