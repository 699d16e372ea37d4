from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from tests.scenarios.history_lines import BIN, Story
from uplab.scenarios.checks.asked.arrived import Carries, NoneArrives, Posts, WithoutHeaders
from uplab.scenarios.checks.check import Check, judged_alone
from uplab.scenarios.checks.deliveries import Route

TO = Route("posthere", BIN)
JSON = [["content-type", "application/json; charset=utf-8"]]
Make = Callable[[Sequence[str]], Check]


def silent(ids: Sequence[str]) -> Check:
    return NoneArrives("it does not come", ids, TO)


def port_5(ids: Sequence[str]) -> Check:
    return Carries("it says so", ids, TO, {"/DevEUI_uplink/FPort": {"is": 5}})


def posted(ids: Sequence[str]) -> Check:
    return Posts("it is posted", ids, TO)


def bare(ids: Sequence[str]) -> Check:
    return WithoutHeaders("it is gone", ids, TO, ["X-Old"])


@pytest.mark.parametrize("check", [port_5, posted, bare])
def test_what_arrives_as_promised_passes(check: Make) -> None:
    story = Story()
    ids = [story.sent(1), story.sent(2)]
    for f_cnt in (1, 2):
        story.delivered(f_cnt, headers=JSON)

    verdict = judged_alone(story.events, check(ids))

    assert (verdict.outcome, verdict.examined) == ("passed", 2)


@pytest.mark.parametrize(
    ("check", "happened"),
    [
        (silent, "u2 arrived at "),
        (port_5, "u2 /DevEUI_uplink/FPort: expected 5, received 6"),
        (posted, "u2 came by POST as "),
        (bare, "u2 came with x-old"),
    ],
)
def test_what_arrives_otherwise_fails(check: Make, happened: str) -> None:
    story = Story()
    story.sent(1)
    second = story.sent(2)
    story.delivered(1, headers=JSON)
    story.delivered(2, FPort=6, headers=[["Content-Type", "text/plain"], ["X-OLD", "1"]])

    verdict = judged_alone(story.events, check([second]))

    assert (verdict.outcome, verdict.ids) == ("failed", ("u2",))
    assert verdict.happened.startswith(happened)


@pytest.mark.parametrize("check", [port_5, posted, bare])
def test_what_does_not_arrive_is_unknown(check: Make) -> None:
    story = Story()
    ids = [story.sent(1), story.sent(2)]
    story.delivered(1, headers=JSON)

    assert judged_alone(story.events, check(ids)).outcome == "unknown"
    assert judged_alone(story.events, check([])).outcome == "unknown"


def test_silence_is_judged_of_what_was_named_at_this_place() -> None:
    story = Story()
    one, other = story.sent(1), story.sent(2)
    story.delivered(1)
    story.delivered(2, url="/elsewhere")

    assert judged_alone(story.events, silent([other])).outcome == "passed"
    assert judged_alone(story.events, silent([one, other])).outcome == "failed"
    assert judged_alone(story.events, silent([])).outcome == "unknown"
