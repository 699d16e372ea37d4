"""Worlds are judged each by its own part of the history; the oracle is put to the proof by breaking each promise."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.history_lines import DEV, OTHER, Story, document
from tests.scenarios.worlds.playing.fake_stage import fake_stage, put
from tests.scenarios.worlds.small_world import small_world
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.worlds.playing.judge import judge
from uplab.scenarios.worlds.playing.stage import Stage

SEND = {"do": "send", "device": "a"}
HEADERS = {"x": {"configuration": {"headers": {"X-Thing": "{DevEUI}"}}, "suffix": "?plant=7"}, "y": {}}


def played(story: Story, *arrivals: tuple[int, str, list[list[str]]], **more: Any) -> list[Verdict]:
    """A world of two uplinks of device a; what arrives is told by (FCntUp, URL, headers)."""
    stage = fake_stage(small_world(SEND, SEND, **more), story=story)
    for step in (0, 1):
        put(stage, story.sent(step + 1), step, document(DEV, step + 1))
    for f_cnt, url, headers in arrivals:
        story.delivered(f_cnt, url=url, headers=headers)
    return verdicts(stage)


def verdicts(stage: Stage) -> list[Verdict]:
    [found] = judge(stage.lab, [stage], [])
    return found


def red(found: list[Verdict]) -> list[tuple[str, str | None]]:
    return [(one.check, one.requirement) for one in found if one.outcome == "failed"]


RIGHT: list[tuple[int, str, list[list[str]]]] = [(1, "/w1-x", []), (2, "/w1-x", []), (1, "/w1-y", []), (2, "/w1-y", [])]


def test_right_world_is_green() -> None:
    found = played(Story(), *RIGHT)
    assert {one.outcome for one in found} == {"passed"}
    assert {one.check for one in found} == {"none lost", "in order", "as planned", "downlinks"}


@pytest.mark.parametrize(
    ("arrivals", "check"),
    [
        ([one for one in RIGHT if one != (2, "/w1-y", [])], "none lost"),
        ([RIGHT[1], RIGHT[0], *RIGHT[2:]], "in order"),
    ],
)
def test_what_is_lost_or_out_of_order_is_red(arrivals: list[tuple[int, str, list[list[str]]]], check: str) -> None:
    assert red(played(Story(), *arrivals))[0][0] == check


THING = [["X-Thing", DEV]]
WITH = [(1, "/w1-x?plant=7", THING), (2, "/w1-x?plant=7", THING), *RIGHT[2:]]


def test_headers_and_query_are_as_configured() -> None:
    assert red(played(Story(), *WITH, connections=HEADERS)) == []


@pytest.mark.parametrize(
    ("wrong", "clause"),
    [
        ((1, "/w1-x?plant=7", []), "HTTP-05.a"),
        ((1, "/w1-x?plant=7", [["X-Thing", OTHER]]), "HTTP-05.a"),
        ((1, "/w1-x?plant=7", [*THING, *THING]), "HTTP-05.a"),
        ((1, "/w1-x", THING), "COM-23.d"),
    ],
)
def test_wrong_headers_and_query_are_red(wrong: tuple[int, str, list[list[str]]], clause: str) -> None:
    assert red(played(Story(), wrong, *WITH[1:], connections=HEADERS)) == [("as planned", clause)]


def test_what_arrives_where_it_must_not_is_red() -> None:
    flows = [{"devices": ["a"], "connections": ["x"]}]
    assert red(played(Story(), *RIGHT, flows=flows)) == [("as planned", "COM-22.c")]


def test_what_is_dropped_must_stay_away() -> None:
    story = Story()
    configured = {"x": {"configuration": {"uplinkTimeValidity": "90s"}}, "y": {}}
    stage = fake_stage(small_world(SEND, connections=configured), story=story)
    put(stage, story.sent(1), 0, document(DEV, 1), age_ms=91_000)
    story.delivered(1, url="/w1-y")
    assert red(verdicts(stage)) == []
    story.delivered(1, url="/w1-x")
    assert red(verdicts(stage)) == [("as planned", "COM-22.c")]


@pytest.mark.parametrize(("configured", "arrives"), [({"sendMetadata": True}, {"DevEUI_uplink": {}}), ({}, None)])
def test_form_is_as_configured(configured: dict[str, Any], arrives: dict[str, Any] | None) -> None:
    story = Story()
    stage = fake_stage(small_world(SEND, connections={"x": {"configuration": configured}, "y": {}}), story=story)
    put(stage, story.sent(1), 0, document(DEV, 1))
    whole = document(DEV, 1)
    body = whole if arrives is not None else whole["DevEUI_uplink"]
    story.answered(story.arrives(body, "/w1-x"))
    story.delivered(1, url="/w1-y")
    assert red(verdicts(stage)) == [("as planned", "COM-03.a")]


def test_payload_alone_is_counted() -> None:
    story = Story()
    driver = {"DriverCfg": {"mod": {"pId": "elsys", "mId": "ers", "ver": "1"}}}
    stage = fake_stage(
        small_world(SEND, connections={"x": {"configuration": {"sendRawDecodedFormat": True}}, "y": {}}), story=story
    )
    put(stage, story.sent(1), 0, document(DEV, 1, **driver))
    story.delivered(1, url="/w1-y")
    assert red(verdicts(stage)) == [("as planned", "COM-03.a")]
    story.answered(story.arrives(b'{"temperature": 22.6}', "/w1-x"))
    assert red(verdicts(stage)) == []
    story.answered(story.arrives(b'{"temperature": 22.6}', "/w1-x"))
    assert red(verdicts(stage)) == [("as planned", "COM-03.a")]


def test_report_that_the_forwarder_made_is_no_payload_alone() -> None:
    story = Story()
    driver = {"DriverCfg": {"mod": {"pId": "elsys", "mId": "ers", "ver": "1"}}}
    decoded = {"x": {"configuration": {"sendRawDecodedFormat": True}}, "y": {}}
    stage = fake_stage(small_world(SEND, connections=decoded), story=story)
    put(stage, story.sent(1), 0, document(DEV, 1, **driver))
    story.delivered(1, url="/w1-y")
    story.answered(story.arrives(b'{"temperature": 22.6}', "/w1-x"))
    story.answered(story.arrives({"DevEUI_downlink_Rejected": {"DevEUI": DEV, "DeliveryStatus": 350}}, "/w1-x"))
    assert red(verdicts(stage)) == []


def test_standing_invariants_go_to_the_world_whose_document_it_is() -> None:
    story = Story()
    stages = [fake_stage(small_world(SEND, name=name), story=story) for name in ("one", "two")]
    for number, stage in enumerate(stages):
        put(stage, story.sent(number + 1), 0, document(DEV, number + 1))
    broken = Verdict("none twice", "failed", 1, "once", "again", "forwarder", ids=("u2",))
    one, two = judge(stages[0].lab, stages, [broken])
    assert "none twice" not in [verdict.check for verdict in one]
    [found] = [verdict for verdict in two if verdict.check == "none twice"]
    assert found.happened == "world two: again"


def test_world_that_broke_off_says_so_and_nothing_else() -> None:
    stage = fake_stage(small_world(SEND))
    stage.over = "failed"
    stage.broken = Verdict("world", "failed", 1, "each step is answered", "PUT answered 500", "forwarder")
    assert [one.happened for one in verdicts(stage)] == ["world small: PUT answered 500"]
