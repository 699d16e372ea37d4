import ast
import inspect
from pathlib import Path
from typing import Any

import pytest

from tests.held import SIDES, hold, said_wrong
from uplab.fakes import hops as of_fakes
from uplab.scenarios.history.hops import FORMAT, HOPS, problem_of
from uplab.simulator.hops import gateway_sent

ROOT = Path(__file__).parents[3]
HEARD: dict[str, Any] = {
    "lrr_id": "08060F01",
    "dev_eui": "0018B20000000B20",
    "rssi_dbm": -71.5,
    "snr_db": 9,
    "esp_dbm": -72.0,
    "phy_hex": "40aa",
}


def functions() -> dict[str, Any]:
    """The function that says each hop."""
    return {
        name.replace("_", ".", 1): inspect.unwrap(getattr(side, name))
        for side in SIDES
        for name in side.__all__
        if name != "Said"
    }


def test_each_hop_is_said_by_one_function_of_one_side() -> None:
    assert set(functions()) == set(HOPS)


@pytest.mark.parametrize("name", HOPS)
def test_function_takes_just_the_facts_of_its_hop(name: str) -> None:
    hop = HOPS[name]
    parameters = inspect.signature(functions()[name]).parameters
    always = {fact.name for fact in hop.facts if fact.always} | ({"raw"} if hop.raw and hop.raw_always else set())

    assert set(parameters) == {fact.name for fact in hop.facts} | ({"raw"} if hop.raw else set())
    assert {p.name for p in parameters.values() if p.default is inspect.Parameter.empty} == always
    assert all(p.kind is inspect.Parameter.KEYWORD_ONLY for p in parameters.values())


def test_nobody_names_a_hop_where_it_is_emitted() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for house in ("simulator", "fakes", "scenarios", "reports")
        for path in (ROOT / house).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func).rpartition(".")[2] in ("emit", "_emit")
        and not isinstance(call.args[0], ast.Starred)
        and not (isinstance(call.args[0], ast.Name) and call.args[0].id == "hop")  # what is handed on
    ]
    assert wrong == [], "say it with a function of this side's hops: emit(*device_sent(...))"


def test_line_as_it_should_be() -> None:
    assert problem_of("gateway.heard", HEARD, raw=False) is None


@pytest.mark.parametrize(
    ("hop", "changed", "raw", "problem"),
    [
        ("gateway.hears", {}, False, "there is no hop 'gateway.hears'"),
        ("gateway.heard", {"rssi_dbm": "-71"}, False, "gateway.heard: rssi_dbm must be number, not text"),
        ("gateway.heard", {"rssi_dbm": True}, False, "gateway.heard: rssi_dbm must be number, not true or false"),
        ("gateway.heard", {"dev_eui": None}, False, "gateway.heard: dev_eui must be text, not null"),
        ("gateway.heard", {"phy_hex": ...}, False, "gateway.heard: phy_hex is missing"),
        ("gateway.heard", {"rssi": -71.5}, False, "gateway.heard: 'rssi' is no fact of it"),
        ("gateway.heard", {}, True, "gateway.heard: raw is no part of it"),
    ],
)
def test_what_is_wrong_is_named(hop: str, changed: dict[str, Any], raw: bool, problem: str) -> None:
    facts = {name: value for name, value in (HEARD | changed).items() if value is not ...}

    assert problem_of(hop, facts, raw=raw) == problem


def test_bytes_that_every_such_line_has_may_not_be_missing() -> None:
    asked = {"method": "GET", "path": "/connections"}

    assert problem_of("api.asked", asked, raw=False) == "api.asked: raw is missing"
    assert problem_of("api.asked", asked, raw=True) is None


def test_outcome_is_one_of_those_there_are() -> None:
    answered = {"attempt": 1, "outcome": "lost", "status": None, "reason": ""}

    assert problem_of("tunnel.answered", answered, raw=False) == (
        "tunnel.answered: outcome must be one of accepted, refused, unclear, not 'lost'"
    )


def test_headers_are_pairs_of_texts() -> None:
    answered = {"method": "GET", "path": "/", "status": 200}

    assert problem_of("api.answered", {**answered, "headers": [["A", "b"], ("C", "d")]}, raw=True) is None
    for wrong in ([["A"]], [["A", 1]], {"A": "b"}, "A: b"):
        assert problem_of("api.answered", {**answered, "headers": wrong}, raw=True) is not None


def test_fact_that_a_later_format_brought_may_be_missing_before() -> None:
    acknowledged = {"fake": "thingsboard", "session": 1, "exchange": 2, "kind": "PUBACK"}

    assert problem_of("destination.acknowledged", acknowledged, raw=False, format_=1) is None
    assert problem_of("destination.acknowledged", acknowledged, raw=False, format_=FORMAT) == (
        "destination.acknowledged: code is missing"
    )


def test_wrong_line_that_a_side_says_fails_the_test() -> None:
    gateway_sent(lrr_id="08060F01", dev_eui="0018B20000000B20", window=1, phy_hex="60aa")  # type: ignore[arg-type]
    of_fakes.fault_delivered(fault="late", exchange=None, action="Hang()")  # type: ignore[arg-type]
    hold("device.sends", {})

    assert said_wrong == [
        "gateway.sent: window must be text, not a number",
        "fault.delivered: exchange must be whole number, not null",
        "there is no hop 'device.sends'",
    ]
    said_wrong.clear()
