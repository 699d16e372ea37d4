"""The table of kinds: each breaks a clause, and each changes something that a forwarder delivers."""

from __future__ import annotations

from typing import Any

from uplab.scenarios.checks.requirements import clauses
from uplab.scenarios.lab.player.bug import Bug, Message
from uplab.scenarios.lab.player.kinds import KINDS

PLAIN: dict[str, Any] = {
    "Time": "2026-01-01T00:00:01.123+00:00",
    "DevEUI": "20635F010600000A",
    "FPort": 5,
    "FCntUp": 7,
    "payload_hex": "0100d7",
    "Late": 0,
    "MeanPER": 0.048828,
    "LrrRSSI": -97.0,
    "CustomerID": "100002164",
    "CustomerData": {"name": "Köln"},
    "Lrrs": {"Lrr": [{"Lrrid": "1"}, {"Lrrid": "2"}]},
    "payload": {"temperature": 21.5, "motion": 0},
    "downlinkUrl": "http://d/1",
}
ODD: tuple[dict[str, Any], ...] = (
    {},
    {"FPort": None, "payload_hex": None},
    {"FPort": 0, "FCntUp": 70_000},
    {"Late": 1, "payload_hex": ""},
    {"payload_hex": "05" * 60, "MType": "4"},
    {"DevEUI": "20635f010600000a", "Time": "2026-01-01T02:00:01.123+02:00"},
    {"FCntUp": "7", "Lrrs": {"Lrr": {"Lrrid": "1"}}, "payloadDecodedError": {"code": "com-5"}},
    {"CustomerData": {"name": "other"}, "payload": {"temperature": 1}, "downlinkUrl": "http://d/2"},
)
HEADERS = (("Host", "h"), ("X-Site", "A" * 300), ("Authorization", "Basic x"), ("Content-Type", "application/json"))


def messages(bug: Bug) -> None:
    """Everything that the worlds send, in short."""
    for number in range(16):
        for at, odd in enumerate(ODD):
            report = {name: value for name, value in {**PLAIN, **odd}.items() if value is not None}
            target = f"/w1-{'xy'[at % 2]}/a/?b=x%20y"
            headers = (*HEADERS, ("X-Thing", f"d{at + number}"))
            bug.goes_on(Message("POST", target, headers, {"DevEUI_uplink": report}, f"D{at % 3}"))
        for root in ("notification", "location", "downlink_Sent", "downlink_Rejected", "multicast_summary", "alarm"):
            bug.goes_on(Message("POST", "/w1-x", HEADERS, {f"DevEUI_{root}": {"DevEUI": "D"}}, "D"))
        told = {"A0": [{"ts": 1_700_000_000_000 + number, "values": {"fPort": 5, "motion": 0, "temperature": 1.5}}]}
        bug.goes_on(Message("PUBLISH", "t", (), told, "A0", telemetry=True))


def test_kinds_are_fifty_and_more_with_names_and_clauses() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS) >= 50
    assert {kind.clause for kind in KINDS} <= set(clauses())


def test_each_kind_changes_something() -> None:
    idle = []
    for kind in KINDS:
        bug = Bug(kind)
        messages(bug)
        if not bug.changed:
            idle.append(kind.name)
    assert idle == []
