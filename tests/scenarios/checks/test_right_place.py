from tests.scenarios.history_lines import BIN, Story
from uplab.scenarios.checks import checks
from uplab.scenarios.checks.checks import Route

TO = Route("posthere", BIN)


def test_document_in_another_bin_is_in_the_wrong_place() -> None:
    story = Story()
    ids = [story.sent(1)]
    story.delivered(1)
    story.delivered(1, url="/another-bin")

    verdict = checks.right_place(story.events, ids, TO)

    assert verdict.outcome == "failed"
    assert "/another-bin" in verdict.happened
