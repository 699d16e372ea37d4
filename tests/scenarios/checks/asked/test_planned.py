"""As planned: each arrival against the ways that its document has."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.history_lines import DEV, Story, document
from uplab.scenarios.checks.asked.planned import AsPlanned
from uplab.scenarios.checks.check import CHECKS, judged_alone
from uplab.scenarios.checks.verdict import Verdict

PLACES = [["posthere", "/a"], ["posthere", "/b"]]


def way(path: str = "/a", **more: Any) -> dict[str, Any]:
    return {"fake": "posthere", "path": path, "shape": "document", **more}


def judged(story: Story, ways: list[dict[str, Any]], id_: str) -> Verdict:
    return judged_alone(story.events, AsPlanned(PLACES, {id_: ways}))


def test_arrival_by_one_of_its_ways_passes() -> None:
    story = Story()
    id_ = story.sent(1)
    story.delivered(1, url="/b")
    assert judged(story, [way("/a"), way("/b")], id_).outcome == "passed"


def test_arrival_without_a_way_is_red() -> None:
    story = Story()
    id_ = story.sent(1)
    story.delivered(1, url="/b")
    found = judged(story, [way("/a")], id_)
    assert (found.outcome, found.ids) == ("failed", (id_,))
    assert "posthere /b" in found.happened


def test_silence_is_what_was_planned_of_a_document_without_ways() -> None:
    story = Story()
    assert judged(story, [], story.sent(1)).outcome == "passed"
    assert judged(story, [way()], story.sent(2)).outcome == "unknown"


SIX = "LrnDevEui=1&LrnFPort=5&LrnInfos=x&AS_ID=me&Time=t&Token=0"


@pytest.mark.parametrize(
    ("url", "wanted", "outcome"),
    [
        (f"/a?{SIX}", {"query": "", "signed": "me"}, "passed"),
        (f"/a?own=1&{SIX}", {"query": "own=1", "signed": "me"}, "passed"),
        (f"/a?{SIX}", {"query": "own=1", "signed": "me"}, "failed"),
        (f"/a?{SIX}", {"query": "", "signed": "you"}, "failed"),
        (f"/a?{SIX}&more=1", {"query": "", "signed": "me"}, "failed"),
        ("/a?LrnFPort=5&LrnDevEui=1&LrnInfos=x&AS_ID=me&Time=t&Token=0", {"query": "", "signed": "me"}, "failed"),
        ("/a?own=1", {"query": "own=1"}, "passed"),
        (f"/a?{SIX}", {"query": ""}, "failed"),
    ],
)
def test_query_is_as_configured(url: str, wanted: dict[str, Any], outcome: str) -> None:
    story = Story()
    id_ = story.sent(1)
    story.delivered(1, url=url)
    assert judged(story, [way(**wanted)], id_).outcome == outcome


@pytest.mark.parametrize(
    ("shape", "body", "outcome"), [("report", 0, "passed"), ("report", 1, "failed"), ("payload", 1, "failed")]
)
def test_shape_is_as_configured(shape: str, body: int, outcome: str) -> None:
    story = Story()
    id_ = story.sent(1)
    whole = document(DEV, 1)
    story.answered(story.arrives(whole if body else whole["DevEUI_uplink"], "/a"))
    assert judged(story, [way(shape=shape)], id_).outcome == outcome


def test_it_can_be_asked_again() -> None:
    story = Story()
    id_ = story.sent(1)
    story.delivered(1, url="/b")
    first = judged(story, [way()], id_)
    question = dict(first.question or {})
    check = CHECKS[question.pop("check")]
    question.pop("until")
    assert judged_alone(story.events, check(**question)).happened == first.happened
