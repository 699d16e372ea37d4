"""A bug sees one message after the other, remembers, and counts what it changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from uplab.scenarios.lab.player.bug import Bug, Kind, Memory, Message

UPLINK: dict[str, Any] = {"DevEUI_uplink": {"DevEUI": "A", "FPort": 5, "signal": 42.0}}
MESSAGE = Message("POST", "/w1-x", (("Host", "h"),), UPLINK, "A")
TOLD = Message("PUBLISH", "t", (), {"A": [{"ts": 1, "values": {"fPort": 5}}]}, "A", telemetry=True)


def test_what_is_left_alone_is_the_very_message() -> None:
    bug = Bug(Kind("none", "HTTP-12.a", "", lambda *_: None))
    assert bug.goes_on(MESSAGE)[0] is MESSAGE
    same = Bug(Kind("same", "HTTP-12.a", "", lambda _, m: [replace(m)]))
    assert same.goes_on(MESSAGE)[0] is MESSAGE
    assert (bug.changed, same.changed) == (0, 0)


def test_numbers_of_another_type_are_another_message() -> None:
    bug = Bug(Kind("whole", "COM-16.a", "", lambda _, m: [m.reported(lambda r: r.update(signal=42))]))
    assert bug.goes_on(MESSAGE)[0] is not MESSAGE
    assert UPLINK["DevEUI_uplink"]["signal"] == 42.0
    assert bug.changed == 1


def test_bug_of_one_way_leaves_the_other_alone() -> None:
    lost = Bug(Kind("lost", "TB-12.b", "", lambda *_: [], over="telemetry"))
    assert lost.goes_on(MESSAGE) == [MESSAGE]
    assert lost.goes_on(TOLD) == []


def test_message_says_what_is_in_it() -> None:
    assert (MESSAGE.root, MESSAGE.report["FPort"]) == ("DevEUI_uplink", 5)
    assert TOLD.values == [{"fPort": 5}]
    assert (TOLD.report, MESSAGE.values, replace(MESSAGE, document=[1]).report) == ({}, [], {})


def test_memory_counts_and_remembers_by_name() -> None:
    memory = Memory()
    assert [memory.nth("a", 2) for _ in range(4)] == [False, True, False, True]
    assert memory.before("a", MESSAGE) is None
    assert memory.before("b", TOLD) is None
    assert memory.before("a", TOLD) is MESSAGE
