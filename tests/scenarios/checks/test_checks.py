from typing import Any

import pytest

from tests.scenarios.history_lines import BIN, DEV, Story, document
from uplab.scenarios.checks import checks
from uplab.scenarios.checks.checks import Route
from uplab.scenarios.history.identity import Ledger

TO = Route("posthere", BIN)


@pytest.mark.parametrize("again", [False, True], ids=["left", "repeated"])
def test_success_whose_body_broke_off_may_count_or_be_repeated(again: bool) -> None:
    story = Story()
    ids = [story.sent(1)]
    story.answered(story.arrives(document(DEV, 1)), status=200, written=False, headed=True)
    if again:
        story.delivered(1)

    assert checks.none_lost(story.events, ids, TO).outcome == "passed"
    assert checks.none_twice(story.events, ids, TO).outcome == "passed"


@pytest.mark.parametrize("check", [checks.none_twice, checks.in_order, checks.unaltered, checks.right_place])
def test_nothing_examined_is_unknown(check: object) -> None:
    story = Story()
    assert check(story.events, [story.sent(1)], TO).outcome == "unknown"  # type: ignore[operator]


def test_request_that_was_cut_off_is_no_invented_document() -> None:
    story = Story()
    ids = [story.sent(1)]
    story.answered(story.arrives(b'{"DevEUI_upl', complete=False), status=0, written=False)
    story.delivered(1)

    assert checks.unaltered(story.events, ids, TO).outcome == "passed"
    assert checks.right_place(story.events, ids, TO).outcome == "passed"


@pytest.mark.parametrize("check", [checks.unaltered, checks.right_place])
def test_arrival_that_may_be_a_forgotten_one_is_unknown(check: Any) -> None:
    story = Story(Ledger(remember=2))
    for f_cnt in (1, 2, 3, 4):
        story.sent(f_cnt, outcome="refused")
    ids = [story.sent(5)]
    story.delivered(5)
    story.answered(story.arrives(document(DEV, 1), BIN if check is checks.unaltered else "/another-bin"))

    verdict = check(story.events, ids, TO)

    assert (verdict.outcome, verdict.hop) == ("unknown", None)
    assert "3 older ones had to be forgotten" in verdict.happened


def test_what_is_proven_beside_a_doubt_still_fails() -> None:
    story = Story(Ledger(remember=2))
    for f_cnt in (1, 2, 3, 4):
        story.sent(f_cnt, outcome="refused")
    ids = [story.sent(5)]
    story.answered(story.arrives(document(DEV, 1)))
    story.delivered(5, FPort=6)
    story.delivered(5, url="/another-bin")

    assert checks.unaltered(story.events, ids, TO).outcome == "failed"
    assert checks.right_place(story.events, ids, TO).outcome == "failed"
