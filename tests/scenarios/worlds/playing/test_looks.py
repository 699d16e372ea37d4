"""What the API shows of a world at its end, held against what was configured."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from tests.scenarios.history_lines import DEV, document
from tests.scenarios.worlds.playing.fake_stage import fake_stage, put
from tests.scenarios.worlds.small_world import small_world
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.worlds.playing.looks import looks
from uplab.scenarios.worlds.playing.stage import Stage

SEND = {"do": "send", "device": "a"}
ONE: dict[str, Any] = {
    "connections": {"x": {"configuration": {"headers": {"X-Site": "A"}, "uplinkTimeValidity": "90s"}}},
    "flows": [{"devices": ["a"], "connections": ["x"]}],
}


def shown(stage: Stage, **changed: Any) -> dict[str, Any]:
    body = stage.body("x", stage.fates.ends["x"].now)
    return {**body, "id": "x", "active": True, "state": "OPENED", "downlinkUrl": "http://d/x", **changed}


def looked(stage: Stage, answer: Any, status: int = 200) -> list[Verdict]:
    response = httpx.Response(status, json=answer)
    api = SimpleNamespace(get=lambda _: response, request=lambda *_: response, listed=lambda: answer)
    stage.lab.api = api  # type: ignore[misc, assignment]
    return looks(stage)


def stage_of(*looked_at: str, steps: tuple[dict[str, Any], ...] = (SEND,)) -> Stage:
    return fake_stage(small_world(*steps, look=list(looked_at), **ONE))


def test_what_was_configured_is_shown() -> None:
    stage = stage_of("shown")
    assert [one.outcome for one in looked(stage, shown(stage))] == ["passed"]


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "another"},
        {"state": "CLOSED"},
        {"active": False},
        {"downlinkUrl": "http://d/y"},
        {"configuration": {}},
    ],
)
def test_anything_else_is_red(changed: dict[str, Any]) -> None:
    stage = stage_of("shown")
    [found] = looked(stage, shown(stage, **changed))
    assert (found.outcome, found.requirement) == ("failed", "COM-10.a")


@pytest.mark.parametrize("left", [{"description": "old"}, {"sendMetadata": True}])
def test_what_is_not_configured_any_more_is_not_shown(left: dict[str, Any]) -> None:
    stage = stage_of("shown")
    body = shown(stage)
    assert looked(stage, {**body, "configuration": {**body["configuration"], **left}})[0].outcome == "failed"


def test_deleted_connection_is_gone() -> None:
    stage = stage_of("shown", "list", steps=({"do": "delete", "connection": "x"},))
    assert [one.outcome for one in looked(stage, [{"id": "x"}], 200)] == ["failed", "failed"]
    assert [one.outcome for one in looked(stage, [], 404)] == ["passed", "passed"]


def counters(**changed: int) -> dict[str, Any]:
    span = {"uplinks": 2, "uplinksDelivered": 1, "uplinksFailed": 0, "uplinksLost": 1, **changed}
    return {"lastHour": span, "lastDay": span}


@pytest.mark.parametrize(
    ("changed", "outcome"), [({}, "passed"), ({"uplinksLost": 0}, "failed"), ({"uplinks": 3}, "failed")]
)
def test_counters_are_exact(changed: dict[str, int], outcome: str) -> None:
    stage = stage_of("metrics", steps=(SEND, SEND))
    put(stage, "u1", 0, document(DEV, 1))
    put(stage, "u2", 1, document(DEV, 2), age_ms=91_000)
    assert [one.outcome for one in looked(stage, counters(**changed))] == [outcome]


@pytest.mark.parametrize(("events", "outcome"), [([{"devEUI": DEV}], "passed"), ([{"devEUI": None}], "failed")])
def test_drop_is_told_with_its_device(events: list[dict[str, Any]], outcome: str) -> None:
    stage = stage_of("events")
    put(stage, "u1", 0, document(DEV, 1), age_ms=91_000)
    assert [one.outcome for one in looked(stage, events)] == [outcome]
