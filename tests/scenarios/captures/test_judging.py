from __future__ import annotations

import json
from typing import Any

import pytest

from uplab.scenarios.captures.capture import Exchange
from uplab.scenarios.captures.judging import judge

EUI = "0018B20000001234"
URL = "https://there.example/up"
JSON = ("Content-Type", "application/json")


def uplink(count: int, **changes: Any) -> bytes:
    report = {"DevEUI": EUI, "FCntUp": count, "Time": f"2026-05-04T03:02:{count % 60:02}.000+00:00", "downlinkUrl": "u"}
    return json.dumps({"DevEUI_uplink": {**report, **changes}}).encode()


def exchange(number: int, body: bytes, *, status: int | None = 200, **changes: Any) -> Exchange:
    return Exchange(
        f"it, entry {number}", body, float(number), "POST", URL, **{"headers": (JSON,), **changes}, status=status
    )


def outcomes(*exchanges: Exchange) -> dict[str, str]:
    return {one.name: one.outcome for one in judge(exchanges)}


def broken(*exchanges: Exchange) -> list[tuple[str, str]]:
    return [(one.name, one.place) for one in judge(exchanges) if one.outcome == "failed"]


def test_capture_that_keeps_everything_breaks_nothing() -> None:
    found = outcomes(*(exchange(number, uplink(number)) for number in range(5)))

    assert "failed" not in found.values()
    assert (found["none twice"], found["in order"], found["failed first"]) == ("passed", "passed", "unknown")


def test_repetition_after_success_is_told_and_after_failure_is_none() -> None:
    assert broken(exchange(1, uplink(1)), exchange(2, uplink(1))) == [("none twice", "it, entry 2")]
    assert broken(exchange(1, uplink(1), status=503), exchange(2, uplink(1))) == []
    assert broken(exchange(1, uplink(1), status=0), exchange(2, uplink(1))) == []
    assert broken(exchange(1, uplink(1)), exchange(2, uplink(1, downlinkUrl="other"))) == []


def test_answers_that_are_not_shown_leave_it_unknown() -> None:
    assert outcomes(exchange(1, uplink(1), status=None), exchange(2, uplink(1), status=None))["none twice"] == "unknown"


def test_order_is_that_of_the_counters_but_for_late_ones_and_restarts() -> None:
    assert broken(exchange(1, uplink(7)), exchange(2, uplink(3030)), exchange(3, uplink(2000))) == [
        ("in order", "it, entry 3")
    ]
    assert broken(exchange(1, uplink(3030)), exchange(2, uplink(2000, Late="1")), exchange(3, uplink(0))) == []
    # Of another session, or sent later than what had the higher counter: the device began anew.
    assert broken(exchange(1, uplink(3030, DevAddr="04")), exchange(2, uplink(2000, DevAddr="05"))) == []
    assert broken(exchange(1, uplink(3000)), exchange(2, uplink(2020))) == []
    assert broken(exchange(1, uplink(3030)), exchange(2, uplink(2000, Time="soon"))) == [("in order", "it, entry 2")]


def test_what_failed_may_be_lost_in_another_generation() -> None:
    assert outcomes(exchange(1, uplink(1), status=503), exchange(2, uplink(2)))["failed first"] == "unknown"
    assert outcomes(exchange(1, uplink(1), status=503), exchange(2, uplink(1)))["failed first"] == "passed"


BREACHES: list[tuple[str, Exchange]] = [
    ("right headers", exchange(1, uplink(1), headers=(JSON, ("X-Thing", "{DevEUI}")))),
    ("right headers", exchange(1, uplink(1), headers=(JSON, ("X-Dev-EUI", "0018B20000009999")))),
    ("content type", exchange(1, uplink(1), headers=(("content-type", "text/plain"),))),
    ("downlink URL", exchange(1, json.dumps({"DevEUI_location": {"DevEUI": EUI, "downlinkUrl": "u"}}).encode())),
    ("decoding", exchange(1, uplink(1, payloadDecodedError="no"))),
    ("decoding", exchange(1, uplink(1, payload={}, DriverCfg={"id": "mine"}))),
]


@pytest.mark.parametrize(("name", "one"), BREACHES, ids=[f"{name}-{n}" for n, (name, _) in enumerate(BREACHES)])
def test_each_breach_is_found_at_its_place(name: str, one: Exchange) -> None:
    assert broken(one, exchange(2, uplink(2))) == [(name, "it, entry 1")]


def test_requests_without_a_document_are_no_capture_of_ours() -> None:
    assert judge([exchange(1, b"login=me"), exchange(2, b'{"a": 1}')]) == []
