from typing import Any

import orjson
import pytest

from tests.scenarios.history_lines import DEV, document
from uplab.scenarios.history.identity import Ledger
from uplab.scenarios.history.pointers import Pointers, found_at, time_ms_of

TTN = Pointers("/end_device_ids/dev_eui", "/uplink_message/f_cnt", "/received_at")


def message(**more: Any) -> dict[str, Any]:
    time = document(DEV, 1)["DevEUI_uplink"]["Time"]
    return {"end_device_ids": {"dev_eui": DEV}, "uplink_message": {"f_cnt": 1}, "received_at": time, **more}


def recognised(pointers: Pointers, body: object) -> list[str]:
    ledger = Ledger(pointers=pointers)
    time = document(DEV, 1)["DevEUI_uplink"]["Time"]
    ledger.identify("device.sent", {"dev_eui": DEV, "f_cnt": 1, "time": time, "phy_hex": "40"})
    return ledger.identify("destination.arrived", {"exchange": 1, "raw": orjson.dumps(body)})


def test_uplink_in_another_form_is_recognised() -> None:
    assert recognised(TTN, message()) == ["u1"]
    assert recognised(TTN, message(end_device_ids={"dev_eui": "-".join(DEV[i : i + 2] for i in range(0, 16, 2))}))
    assert recognised(TTN, document(DEV, 1)) == ["u1"], "ThingPark's own form is still known"


def test_another_uplink_is_not_taken_for_it() -> None:
    assert recognised(TTN, message(uplink_message={"f_cnt": 2})) == []
    assert recognised(TTN, message(received_at="2026-01-01T00:00:59+00:00")) == []
    assert recognised(TTN, message(received_at=None)) == []


@pytest.mark.parametrize(
    ("each", "body"), [("", [message(), {}]), ("/messages/new", {"messages": {"new": [message()]}})]
)
def test_several_in_one_request_are_recognised_each(each: str, body: object) -> None:
    assert recognised(TTN._replace(each=each), body) == ["u1"]
    assert recognised(TTN, body) == []
    assert recognised(TTN._replace(each=each), message()) == [], "what is no list holds none"


def test_each_line_may_be_one_of_several() -> None:
    lines = TTN._replace(lines=True)
    ledger = Ledger(pointers=lines)
    for n in (1, 2):
        sent = {"dev_eui": DEV, "f_cnt": n, "time": document(DEV, n)["DevEUI_uplink"]["Time"], "phy_hex": f"4{n}"}
        ledger.identify("device.sent", sent)
    each = [
        orjson.dumps(message(uplink_message={"f_cnt": n}, received_at=document(DEV, n)["DevEUI_uplink"]["Time"]))
        for n in (1, 2)
    ]

    def of(raw: bytes) -> list[str]:
        return ledger.identify("destination.arrived", {"exchange": 1, "raw": raw})

    assert of(b'{"index": {}}\n' + b"\n".join(each) + b"\r\n") == ["u1", "u2"]
    assert of(each[0] + b"\n" + each[1][:-4]) == ["u1"], "of a line that breaks off nothing is known"
    assert of(b"") == []
    assert recognised(lines, message()) == ["u1"], "one line is one"


def test_without_a_time_device_and_counter_must_do() -> None:
    timeless = Pointers(TTN.dev_eui, TTN.f_cnt)

    assert recognised(timeless, message(received_at="whenever")) == ["u1"]
    assert recognised(timeless, message(uplink_message={"f_cnt": 2})) == []


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2026-01-01T00:00:00Z", 1_767_225_600_000),
        ("2026-01-01T01:00:00+01:00", 1_767_225_600_000),
        (1_767_225_600, 1_767_225_600_000),
        (1_767_225_600.5, 1_767_225_600_500),
        (1_767_225_600_000, 1_767_225_600_000),
        (1_767_225_600_000_000, 1_767_225_600_000),
        (1_767_225_600_000_000_000, 1_767_225_600_000),
        ("yesterday", None),
        (True, None),
        (-1, None),
        (None, None),
    ],
)
def test_time_is_read_in_each_unit(value: object, found: int | None) -> None:
    assert time_ms_of(value) == found


def test_pointer_follows_rfc_6901() -> None:
    assert found_at({"a/b": [{"m~n": 7}]}, "/a~1b/0/m~0n") == 7
    assert found_at({"a": 1}, "/a/b") is None
    assert found_at([1], "/1") is None
