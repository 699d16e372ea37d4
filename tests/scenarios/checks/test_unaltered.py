from typing import Any

import pytest

from tests.scenarios.history_lines import BIN, Story
from uplab.scenarios.checks import checks
from uplab.scenarios.checks.checks import Route
from uplab.scenarios.history.identity import Ledger

TO = Route("posthere", BIN)


def test_documented_additions_leave_a_document_unaltered() -> None:
    story = Story()
    ids = [story.sent(1)]
    story.delivered(1, payload={"temperature": 22.6}, downlinkUrl="http://x/1")

    assert checks.unaltered(story.events, ids, TO).outcome == "passed"


@pytest.mark.parametrize("change", [{"LrrRSSI": -46.5}, {"FPort": "5"}, {"payload_hex": "0100E2"}, {"extra": 1}])
def test_any_other_change_is_an_alteration(change: dict[str, Any]) -> None:
    story = Story()
    ids = [story.sent(1)]
    story.delivered(1, **change)

    verdict = checks.unaltered(story.events, ids, TO)

    assert verdict.outcome == "failed"
    assert next(iter(change)) in verdict.happened


def test_document_that_no_device_sent_is_invented() -> None:
    story = Story()
    ids = [story.sent(1)]
    story.delivered(9)

    assert "no device sent" in checks.unaltered(story.events, ids, TO).happened


def test_document_without_a_key_is_invented_whatever_was_forgotten() -> None:
    story = Story(Ledger(remember=2))
    for f_cnt in (1, 2, 3, 4):
        story.sent(f_cnt, outcome="refused")
    story.arrives(b'{"a": 1}')

    assert "no device sent" in checks.unaltered(story.events, [story.sent(5)], TO).happened
