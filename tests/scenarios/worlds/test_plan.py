"""Worlds as files: read as they were written, and refused in one line with the place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.worlds.small_world import small_world
from uplab.scenarios.worlds.plan import PlanError, plan_of, read_plan, write_plan

WORLD: dict[str, Any] = {
    "world": 1,
    "name": "w",
    "devices": {"a": {}},
    "connections": {"x": {}},
    "flows": [{"devices": ["a"], "connections": ["x"]}],
    "steps": [{"do": "send", "device": "a"}, {"do": "wait"}],
}


def test_world_is_read_as_it_was_written(tmp_path: Path) -> None:
    plan = small_world({"do": "post", "device": "a", "change": {"big": 12345678901234567890, "gone": None}})
    (tmp_path / "w.json").write_text(write_plan(plan), encoding="utf-8")
    assert read_plan(tmp_path / "w.json") == plan
    assert plan_of(write_plan(plan)) == plan


def test_each_step_is_a_line(tmp_path: Path) -> None:
    text = write_plan(small_world({"do": "send", "device": "a"}, {"do": "restart", "kill": True}))
    assert '    {"do": "restart", "kill": true}\n' in text
    assert json.loads(text)["steps"][0] == {"do": "send", "device": "a"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"world": 2}, '"world": 1'),
        ({"colour": "red"}, "colour"),
        ({"devices": {}}, "devices"),
        ({"devices": {"a": {"model": "elsys_erz"}}}, "did you mean elsys_ers?"),
        ({"devices": {"a": {"region": "EU86"}}}, "did you mean EU868?"),
        (
            {"steps": [{"do": "air", "device": "a", "trouble": "rejion"}]},
            "steps.0: there is no trouble rejion; did you",
        ),
        ({"devices": {"a": {"counter": "5"}}}, "devices.a.counter"),
        ({"devices": {"../a": {}}}, "devices"),
        ({"connections": {"x": {"to": "ftp"}}}, "connections.x.to"),
        ({"connections": {"x": {"suffix": "@evil.example/"}}}, "connections.x.suffix"),
        ({"flows": [{"devices": ["b"], "connections": ["x"]}]}, "flows.0: there is no device b; there are a"),
        ({"steps": [{"do": "sent", "device": "a"}]}, "steps.0"),
        ({"steps": [{"do": "send"}]}, "steps.0.device"),
        ({"steps": [{"do": "send", "device": "a", "payload_hex": "0g"}]}, "steps.0.payload_hex"),
        ({"steps": [{"do": "delete", "connection": "z"}]}, "steps.0: there is no connection z; there are x"),
        ({"steps": [{"do": "unbind", "flow": 3}]}, "steps.0: there is no flow 3; there are 1"),
        ({"steps": [{"do": "fault", "connection": "x", "kind": "50"}]}, "there is no fault 50; did you mean"),
        ({"steps": [{"do": "refuse", "row": "no nam"}]}, "did you mean no name?"),
        ({"steps": [{"do": "post", "device": "a", "root": "downlink"}]}, "there is no root downlink"),
    ],
)
def test_wrong_world_is_refused_with_its_place(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps({**WORLD, **change}))
    with pytest.raises(PlanError) as told:
        read_plan(file)
    assert str(file) in str(told.value)
    assert said in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b"[" + b"1," * 30_000 + b"1]"])
def test_what_is_no_world_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "wrong.json"
    file.write_bytes(content)
    with pytest.raises(PlanError, match=r"wrong\.json"):
        read_plan(file)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError):
        read_plan(tmp_path)


def test_counter_that_would_end_is_refused() -> None:
    send = {"do": "send", "device": "a", "times": 10}
    devices = {"a": {"counter": 4_294_967_284}, "b": {}}
    assert small_world(send, devices=devices).devices["a"].counter == 4_294_967_284
    with pytest.raises(ValueError, match=r"devices\.a: its counter ends before its 20 uplinks"):
        small_world(send, send, devices=devices)
