from tests.scenarios.history_lines import BIN, Story
from uplab.scenarios.checks import checks
from uplab.scenarios.checks.checks import Route

TO = Route("posthere", BIN)


def test_late_arrival_fails_within() -> None:
    story = Story()
    ids = [story.sent(1)]
    story.delivered(1)

    assert checks.within(story.events, ids, TO, limit_s=60).outcome == "passed"
    assert checks.within(story.events, ids, TO, limit_s=0).outcome == "failed"
