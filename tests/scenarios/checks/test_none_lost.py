import pytest

from tests.scenarios.history_lines import BIN, DEV, Story, document
from uplab.scenarios.checks import checks
from uplab.scenarios.checks.checks import Route

TO = Route("posthere", BIN)


def test_accepted_and_delivered_is_not_lost() -> None:
    story = Story()
    ids = [story.sent(1), story.sent(2)]
    story.delivered(1)
    story.delivered(2)

    verdict = checks.none_lost(story.events, ids, TO)

    assert (verdict.outcome, verdict.examined) == ("passed", 2)


def test_accepted_that_never_arrives_is_lost_at_the_forwarder() -> None:
    story = Story()
    ids = [story.sent(1), story.sent(2)]
    story.delivered(1)

    verdict = checks.none_lost(story.events, ids, TO)

    assert (verdict.outcome, verdict.hop, verdict.ids) == ("failed", "forwarder", (ids[1],))


def test_arrived_but_refused_is_lost_at_the_destination() -> None:
    story = Story()
    ids = [story.sent(1)]
    story.answered(story.arrives(document(DEV, 1)), status=500)

    assert checks.none_lost(story.events, ids, TO).hop == "destination"


def test_planned_refusal_without_another_attempt_is_the_forwarders() -> None:
    story = Story()
    ids = [story.sent(1)]
    exchange = story.arrives(document(DEV, 1))
    story.history.emit("fault.delivered", {"fault": "refused", "exchange": exchange, "action": "503"})
    story.answered(exchange, status=503)

    assert checks.none_lost(story.events, ids, TO).hop == "forwarder"


def test_answer_that_was_not_written_delivers_nothing() -> None:
    story = Story()
    ids = [story.sent(1)]
    story.answered(story.arrives(document(DEV, 1)), status=200, written=False)

    assert checks.none_lost(story.events, ids, TO).outcome == "failed"


def test_refusal_whose_body_broke_off_is_none_the_less_a_refusal() -> None:
    story = Story()
    ids = [story.sent(1)]
    story.answered(story.arrives(document(DEV, 1)), status=503, written=False, headed=True)

    assert checks.none_lost(story.events, ids, TO).outcome == "failed"


def test_lost_ones_are_told_apart_by_what_was_seen_of_them() -> None:
    story = Story()
    ids = [story.sent(1), story.sent(2), story.sent(3)]
    story.answered(story.arrives(document(DEV, 1)), status=503)
    story.delivered(3)

    told = checks.none_lost(story.events, ids, TO).happened

    assert told.startswith("2 of 3 accepted uplinks lost")
    assert f"{ids[1]} never arrived" in told
    assert f"{ids[0]} arrived but was never answered with success" in told


def test_refused_but_delivered_fails() -> None:
    story = Story()
    ids = [story.sent(1, outcome="refused")]
    story.delivered(1)

    assert checks.none_lost(story.events, ids, TO).outcome == "failed"


def test_unclear_may_arrive_or_not() -> None:
    story = Story()
    ids = [story.sent(1), story.sent(2, outcome="unclear")]
    story.delivered(1)

    assert checks.none_lost(story.events, ids, TO).outcome == "passed"


@pytest.mark.parametrize("outcome", ["refused", "unclear", None])
def test_nothing_accepted_is_unknown(outcome: str | None) -> None:
    story = Story()
    ids = [story.sent(1, outcome=outcome)] if outcome else []
    if outcome is None:
        story.sent(1, outcome=None)

    assert checks.none_lost(story.events, ids, TO).outcome == "unknown"
