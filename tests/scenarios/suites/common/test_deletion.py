import pytest

from tests.scenarios.history_lines import BIN, DEV, Story, document
from uplab.scenarios.checks.checks import Route
from uplab.scenarios.suites.common.deletion import dropped

TO = Route("posthere", BIN)


@pytest.mark.parametrize(("statuses", "outcome"), [([503], "passed"), ([503, 200], "failed"), ([], "unknown")])
def test_what_waited_at_delete(statuses: list[int], outcome: str) -> None:
    story = Story()
    id_ = story.sent(1)
    for status in statuses:
        story.answered(story.arrives(document(DEV, 1), BIN, None), status)

    verdict = dropped(story.history.events, TO, id_)

    assert (verdict.outcome, verdict.examined) == (outcome, len(statuses))
