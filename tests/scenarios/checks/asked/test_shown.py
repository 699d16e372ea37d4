from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.history_lines import Story
from uplab.scenarios.checks.asked.pointer import Shown
from uplab.scenarios.checks.asked.shown import Shows, Unchanged
from uplab.scenarios.checks.check import judged_alone
from uplab.scenarios.history.secrets import Secrets


def told(story: Story, answer: Any) -> int:
    story.api("GET", "/connections/1", answer=answer)
    return story.history.mark


@pytest.mark.parametrize(
    ("shown", "happened"),
    [
        ({"/name": {"is": "Hall 4"}, "/id": {"there": True}}, None),
        ({"/name": {"is": "Hall 3"}, "/id": {"there": True}}, '/name: expected "Hall 3", received "Hall 4"'),
        ({"/message": {"has": "blamePeriod"}}, '/message: expected a text with "blamePeriod", received null'),
    ],
)
def test_fields_of_an_answer_are_judged_by_their_pointers(shown: Shown, happened: str | None) -> None:
    story = Story()
    line = told(story, {"id": "1", "name": "Hall 4"})
    told(story, {})

    verdict = judged_alone(story.events, Shows("it is as it was given", line, shown))

    assert verdict.outcome == ("failed" if happened else "passed")
    assert verdict.happened == (happened or '{"id":"1","name":"Hall 4"}')


def test_secret_is_known_again_and_not_shown() -> None:
    story, secret = Story(), Secrets(7).hex("shown")
    line = told(story, {"headers": {"Authorization": secret}})

    kept, broken = (
        judged_alone(story.events, Shows("it is kept", line, {"/headers/Authorization": {"is": value}}))
        for value in (secret, "another")
    )

    assert (kept.outcome, broken.outcome) == ("passed", "failed")
    assert secret not in kept.happened + broken.happened + str(kept.question)


@pytest.mark.parametrize(
    ("answers", "each", "outcome"),
    [
        ([{"a": 1}, {"a": 1}], "", "passed"),
        ([{"a": 1}, {"a": 2}], "", "failed"),
        ([[{"id": "1", "state": "OPENING"}], [{"id": "1", "state": "OPENED"}]], "id", "passed"),
        ([[{"id": "1"}], [{"id": "1"}, {"id": "2"}]], "id", "failed"),
        ([[{"id": "1"}, {"id": "2"}], [{"id": "2"}, {"id": "1"}]], "id", "passed"),
    ],
)
def test_answers_show_the_same(answers: list[Any], each: str, outcome: str) -> None:
    story = Story()
    lines = [told(story, answer) for answer in answers]

    assert judged_alone(story.events, Unchanged("nothing changes", lines, each)).outcome == outcome


def test_answer_that_is_not_there_leaves_it_unknown() -> None:
    story = Story()
    line = told(story, {})

    assert judged_alone(story.events, Unchanged("nothing changes", [line, 99])).outcome == "unknown"
    assert judged_alone(story.events, Shows("it is shown", 99, {"/id": {"there": True}})).outcome == "unknown"
