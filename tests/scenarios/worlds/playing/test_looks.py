"""What the API shows of a world at its end, held against what was configured."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from tests.scenarios.history_lines import DEV, Story, document
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
    span = {"uplinks": 2, "uplinksDelivered": 1, "uplinksFailed": 0, "uplinksLost": 1, "activeThings": 1, **changed}
    return {"lastHour": span, "lastDay": span}


@pytest.mark.parametrize(
    ("changed", "outcome"), [({}, "passed"), ({"uplinksLost": 0}, "failed"), ({"activeThings": 2}, "failed")]
)
def test_counters_are_exact(changed: dict[str, int], outcome: str) -> None:
    stage = stage_of("metrics", steps=(SEND, SEND))
    put(stage, "u1", 0, document(DEV, 1))
    put(stage, "u2", 1, document(DEV, 2), age_ms=91_000)
    assert [one.outcome for one in looked(stage, counters(**changed))] == [outcome]


AT = {"time": "2026-01-01T00:00:01.000+00:00", "connectionId": "x"}


@pytest.mark.parametrize(
    ("events", "outcome"), [([{"devEUI": DEV, **AT}], "passed"), ([{"devEUI": None, **AT}], "failed")]
)
def test_drop_is_told_with_its_device(events: list[dict[str, Any]], outcome: str) -> None:
    stage = stage_of("events")
    put(stage, "u1", 0, document(DEV, 1), age_ms=91_000)
    assert [one.outcome for one in looked(stage, events)] == [outcome, "passed", "passed"]


@pytest.mark.parametrize(
    ("times", "outcome"),
    [
        (["2026-01-01T00:00:02.000+00:00", "2026-01-01T01:00:01.000+01:00"], "passed"),
        (["2026-01-01T00:00:01.000+00:00", "2026-01-01T00:00:02.000+00:00"], "failed"),
        (["2026-01-01T00:00:02.000"], "failed"),
        ([None], "failed"),
    ],
)
def test_newest_event_comes_first(times: list[str | None], outcome: str) -> None:
    _, found = looked(stage_of("events"), [{"time": one} for one in times])
    assert (found.outcome, found.requirement) == (outcome, "COM-13.e")


@pytest.mark.parametrize(("state", "outcome"), [("UNREACHABLE", "passed"), ("OPENED", "failed")])
def test_connection_that_cannot_deliver_is_not_called_open(state: str, outcome: str) -> None:
    troubled = {**ONE, "connections": {"x": {"trouble": "nobody"}}}
    stage = fake_stage(small_world(SEND, look=["shown"], **troubled))
    assert [one.outcome for one in looked(stage, shown(stage, state=state))] == [outcome]


def test_failed_delivery_is_told_with_its_device() -> None:
    fault = {"do": "fault", "connection": "x", "kind": "503"}
    stage = stage_of("events", steps=(fault, SEND))
    put(stage, "u1", 1, document(DEV, 1))
    story = Story()
    [id_] = {story.sent(1)}
    stage.sent[0] = replace(stage.sent[0], id=id_)
    exchange = story.arrives(document(DEV, 1), url="/w1-x")
    story.tells("fault.delivered", fault="w1 0", exchange=exchange, action="Status(code=503)")
    told: list[list[dict[str, str]]] = [[], [{"devEUI": DEV, **AT}]]
    for events, outcome in zip(told, ("failed", "passed"), strict=True):
        response = httpx.Response(200, json=events)
        stage.lab.api = SimpleNamespace(request=lambda *_, found=response: found)  # type: ignore[misc, assignment]
        assert looks(stage, list(story.events))[0].outcome == outcome


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ({"connectionId": "x"}, "passed"),
        ({"connection": "x"}, "passed"),
        ({"connectionName": "world"}, "passed"),
        ({}, "failed"),
        ({"connectionId": "y"}, "failed"),
    ],
)
def test_event_of_a_device_names_its_connection(said: dict[str, str], outcome: str) -> None:
    found = looked(stage_of("events"), [{"time": AT["time"], "devEUI": DEV, **said}])
    assert [one.outcome for one in found if one.requirement == "COM-13.g"] == [outcome]


@pytest.mark.parametrize(
    ("trouble", "told", "outcome"),
    [
        ("password", "LOGIN_FAILED: bad user name or password", "passed"),
        ("password", "AUTHENTICATION_FAILED", "failed"),
        ("locked", "the account is locked", "passed"),
        ("nobody", "connection refused", "passed"),
        ("nobody", "CLOSED by nobody", "passed"),
        ("expired", "OPENING", "failed"),
        ("expired", "the certificate has expired", "passed"),
    ],
)
def test_connection_that_could_not_be_opened_is_told(trouble: str, told: str, outcome: str) -> None:
    troubled = {**ONE, "connections": {"x": {"to": "mqtt", "trouble": trouble}}}
    stage = fake_stage(small_world(SEND, look=["events"], **troubled))
    found = looked(stage, [{**AT, "message": told}])
    assert found[0].outcome == outcome
    assert found[0].requirement == ("COM-13.c" if trouble in ("password", "locked") else "COM-13.a")
