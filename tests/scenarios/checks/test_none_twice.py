import pytest

from tests.scenarios.history_lines import BIN, DEV, Story, document
from uplab.scenarios.checks import checks
from uplab.scenarios.checks.checks import Route

TO = Route("posthere", BIN)


def test_repeat_after_success_is_twice() -> None:
    story = Story()
    ids = [story.sent(1)]
    story.delivered(1)
    story.delivered(1)

    verdict = checks.none_twice(story.events, ids, TO)

    assert (verdict.outcome, verdict.ids) == ("failed", (ids[0],))


@pytest.mark.parametrize(("status", "written"), [(503, True), (200, False)])
def test_repeat_after_refusal_or_lost_answer_is_allowed(status: int, written: bool) -> None:
    story = Story()
    ids = [story.sent(1)]
    story.answered(story.arrives(document(DEV, 1)), status=status, written=written)
    story.delivered(1)

    assert checks.none_twice(story.events, ids, TO).outcome == "passed"


def test_second_attempt_while_the_first_is_open_is_twice() -> None:
    story = Story()
    ids = [story.sent(1)]
    first = story.arrives(document(DEV, 1))
    second = story.arrives(document(DEV, 1))
    story.answered(first)
    story.answered(second)

    assert checks.none_twice(story.events, ids, TO).outcome == "failed"
