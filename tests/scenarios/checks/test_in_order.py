from tests.scenarios.history_lines import BIN, DEV, OTHER, Story, document
from uplab.scenarios.checks import checks
from uplab.scenarios.checks.checks import Route

TO = Route("posthere", BIN)


def test_swapped_uplinks_of_one_device_are_out_of_order() -> None:
    story = Story()
    ids = [story.sent(1), story.sent(2)]
    story.delivered(2)
    story.delivered(1)

    assert checks.in_order(story.events, ids, TO).outcome == "failed"


def test_overlapping_uplinks_of_one_device_are_out_of_order() -> None:
    story = Story()
    ids = [story.sent(1), story.sent(2)]
    first, second = story.arrives(document(DEV, 1)), story.arrives(document(DEV, 2))
    story.answered(first)
    story.answered(second)

    assert checks.in_order(story.events, ids, TO).outcome == "failed"


def test_two_devices_may_overlap() -> None:
    story = Story()
    ids = [story.sent(1), story.sent(1, OTHER)]
    first, second = story.arrives(document(OTHER, 1)), story.arrives(document(DEV, 1))
    story.answered(first)
    story.answered(second)

    assert checks.in_order(story.events, ids, TO).outcome == "passed"
