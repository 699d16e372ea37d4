from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest

from tests.scenarios.history_lines import Story
from uplab.scenarios.checks.verdict import CheckFailed, Verdict
from uplab.scenarios.lab.connection import Shown
from uplab.scenarios.lab.heartbeat import Heartbeat
from uplab.scenarios.lab.waiting import Waiting
from uplab.scenarios.under_test.deadlines import Deadlines


class Punctual:
    """The heartbeat of a lab that was never late."""

    late = ""

    def excused(self, verdict: Verdict) -> Verdict:
        return verdict


class Lab(Waiting):
    """Just what waiting needs of a lab."""

    def __init__(self, story: Story) -> None:
        self.history = story.history
        self.deadlines = Deadlines(shown_s=0.05)
        self.verdicts: list[Verdict] = []
        self.requirements: list[str] = []
        self.heartbeat = cast("Heartbeat", Punctual())


@pytest.fixture
def story() -> Story:
    return Story()


def states(*answers: str) -> Iterator[str]:
    yield from answers
    while True:
        yield answers[-1]


def test_fact_that_comes_is_a_verdict_that_passes(story: Story) -> None:
    lab, answers = Lab(story), states("OPENING", "OPENED")

    assert lab.poll(lambda: next(answers), lambda seen: seen == "OPENED", awaited="it opens") == "OPENED"

    assert [(v.check, v.outcome, v.promised) for v in lab.verdicts] == [("awaited", "passed", "it opens")]


def test_fact_that_does_not_come_says_what_was_last_seen(story: Story) -> None:
    lab, answers = Lab(story), states("OPENING")

    with pytest.raises(CheckFailed, match=r'after 0\.05 s: "OPENING"'):
        lab.poll(lambda: next(answers), lambda seen: seen == "OPENED", awaited="it opens")


def test_what_the_api_showed_can_be_judged_again(story: Story) -> None:
    lab = Lab(story)
    story.tells("api.answered", method="GET", path="/connections/1", status=200, raw=b'{"state": "OPENED"}')

    shown = Shown("/connections/1", "/state", ("OPENED",))
    lab.poll(lambda: "OPENED", lambda seen: seen == "OPENED", awaited="it opens", shown=shown)

    assert [(v.outcome, v.question is not None) for v in lab.verdicts] == [("passed", True)]


def test_what_is_there_is_not_waited_for(story: Story) -> None:
    """In the words of JSON, in which a tuple is an array: as `expect_seen` judges it."""
    lab, asked = Lab(story), []

    def values() -> list[tuple[int, float]]:
        asked.append("once")
        return [(1, 21.5)]

    lab.poll(values, {"is": [(1, 21.5)]}, awaited="the values")

    assert asked == ["once"]
    assert [verdict.outcome for verdict in lab.verdicts] == ["passed"]
