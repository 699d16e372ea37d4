from typing import Any

import pytest

from tests.scenarios.history_lines import BIN, DEV, OTHER, Story, document
from uplab.scenarios.checks import checks
from uplab.scenarios.checks.checks import Route
from uplab.scenarios.history.identity import Ledger

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


@pytest.mark.parametrize("again", [False, True], ids=["left", "repeated"])
def test_success_whose_body_broke_off_may_count_or_be_repeated(again: bool) -> None:
    story = Story()
    ids = [story.sent(1)]
    story.answered(story.arrives(document(DEV, 1)), status=200, written=False, headed=True)
    if again:
        story.delivered(1)

    assert checks.none_lost(story.events, ids, TO).outcome == "passed"
    assert checks.none_twice(story.events, ids, TO).outcome == "passed"


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


@pytest.mark.parametrize("check", [checks.none_twice, checks.in_order, checks.unaltered, checks.right_place])
def test_nothing_examined_is_unknown(check: object) -> None:
    story = Story()
    assert check(story.events, [story.sent(1)], TO).outcome == "unknown"  # type: ignore[operator]


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


def test_request_that_was_cut_off_is_no_invented_document() -> None:
    story = Story()
    ids = [story.sent(1)]
    story.answered(story.arrives(b'{"DevEUI_upl', complete=False), status=0, written=False)
    story.delivered(1)

    assert checks.unaltered(story.events, ids, TO).outcome == "passed"
    assert checks.right_place(story.events, ids, TO).outcome == "passed"


def test_document_in_another_bin_is_in_the_wrong_place() -> None:
    story = Story()
    ids = [story.sent(1)]
    story.delivered(1)
    story.delivered(1, url="/another-bin")

    verdict = checks.right_place(story.events, ids, TO)

    assert verdict.outcome == "failed"
    assert "/another-bin" in verdict.happened


def test_each_header_comes_once_with_its_value() -> None:
    story = Story()
    ids = [story.sent(1)]
    story.delivered(1, headers=[["x-thing", DEV], ["X-Site", "BuildingA"]])
    wanted = {"X-Thing": lambda dev_eui: dev_eui, "X-Site": lambda _: "BuildingA"}

    assert checks.right_headers(story.events, ids, TO, wanted).outcome == "passed"


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ([], "was missing"),
        ([["X-Thing", OTHER]], OTHER),
        ([["X-Thing", DEV], ["x-thing", DEV]], "2 times"),
        ([["X-Thing", "{DevEUI}"]], "{DevEUI}"),
    ],
)
def test_wrong_header_is_named(headers: list[list[str]], words: str) -> None:
    story = Story()
    ids = [story.sent(1)]
    story.delivered(1, headers=headers)

    verdict = checks.right_headers(story.events, ids, TO, {"X-Thing": lambda dev_eui: dev_eui})

    assert verdict.outcome == "failed"
    assert words in verdict.happened


def test_secret_header_values_are_compared_redacted() -> None:
    secret, other = "5ec0de5a" + "1" * 24, "5ec0de5a" + "2" * 24
    story = Story()
    ids = [story.sent(1)]
    story.delivered(1, headers=[["Authorization", f"Bearer {secret}"]])

    right = checks.right_headers(story.events, ids, TO, {"Authorization": lambda _: f"Bearer {secret}"})
    wrong = checks.right_headers(story.events, ids, TO, {"Authorization": lambda _: f"Bearer {other}"})

    assert right.outcome == "passed"
    assert wrong.outcome == "failed"
    assert secret not in wrong.text()
    assert other not in wrong.text()


def test_late_arrival_fails_within() -> None:
    story = Story()
    ids = [story.sent(1)]
    story.delivered(1)

    assert checks.within(story.events, ids, TO, limit_s=60).outcome == "passed"
    assert checks.within(story.events, ids, TO, limit_s=0).outcome == "failed"


# --- what had to be forgotten -----------------------------------------------------------------------------------------


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


def test_document_without_a_key_is_invented_whatever_was_forgotten() -> None:
    story = Story(Ledger(remember=2))
    for f_cnt in (1, 2, 3, 4):
        story.sent(f_cnt, outcome="refused")
    story.arrives(b'{"a": 1}')

    assert "no device sent" in checks.unaltered(story.events, [story.sent(5)], TO).happened
