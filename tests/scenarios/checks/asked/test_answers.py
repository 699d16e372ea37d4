from __future__ import annotations

import re
from typing import Any

import orjson
import pytest

from tests.scenarios.history_lines import Story
from uplab.scenarios.checks.asked.answers import Answered, Awaited, time_was_up
from uplab.scenarios.checks.check import judged_alone


def answered(story: Story, status: int, body: Any) -> int:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    story.tells("api.answered", method="POST", path="/connections", status=status, raw=raw)
    return story.history.mark


@pytest.mark.parametrize(
    ("status", "statuses", "names", "outcome"),
    [
        (201, (201,), "", "passed"),
        (400, (201,), "", "failed"),
        (422, (), "", "passed"),
        (500, (), "", "failed"),
        (400, (400,), "destinationURL", "passed"),
        (400, (400,), "headers", "failed"),
    ],
)
def test_status_and_message_are_judged(status: int, statuses: tuple[int, ...], names: str, outcome: str) -> None:
    story = Story()
    seq = answered(story, status, {"code": "com-1", "message": "destinationURL is no URL"})
    answered(story, 200, {})  # another one

    verdict = judged_alone(story.events, Answered("it is right", seq, statuses, names))

    assert (verdict.outcome, verdict.check, verdict.promised) == (outcome, "answered", "it is right")
    assert verdict.happened.startswith(f"{status} ")


@pytest.mark.parametrize(
    ("body", "pointer", "outcome"),
    [
        ({"state": "OPENED"}, "/state", "passed"),
        ({"state": "CLOSED"}, "/state", "failed"),
        ([{"a/b": {"c": "OPENED"}}], "/0/a~1b/c", "passed"),
        ([], "/0/state", "failed"),
        (b"no JSON", "/state", "failed"),
    ],
)
def test_field_has_one_of_the_values(body: Any, pointer: str, outcome: str) -> None:
    story = Story()
    seq = answered(story, 200, body)

    verdict = judged_alone(story.events, Awaited("it opens", seq, pointer, ["OPENED"], 5.0))

    assert (verdict.outcome, verdict.check) == (outcome, "awaited")
    assert verdict.happened == ('"OPENED"' if outcome == "passed" else verdict.happened)
    assert outcome == "passed" or re.fullmatch(r"after 5 s.+, expected .+", verdict.happened)


def test_answer_that_is_not_there_is_unknown() -> None:
    assert judged_alone([], Answered("it is right", 7, (200,))).outcome == "unknown"


def test_answer_of_a_downlink_url_is_an_answer_too() -> None:
    story = Story()
    story.tells("downlink.posted", url="http://x/iot-flow/downlinkMessages/1", status=404, answer="", raw=b"{}")

    verdict = judged_alone(story.events, Answered("it is gone", story.history.mark, (404,), ""))

    assert verdict.outcome == "passed"


@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_nothing_is_said_in_words(nothing: object) -> None:
    assert time_was_up(5.0, nothing, str(nothing)) == "after 5 s there was still nothing"
    assert time_was_up(0.5, 0, "0") == "after 0.5 s: 0"
