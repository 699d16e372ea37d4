"""The checks over telemetry, where one message may carry several points of several devices."""

import orjson
import pytest

from tests.scenarios.history_lines import BIN, DEV, OTHER, TELEMETRY, Story, point
from uplab.scenarios.checks import checks
from uplab.scenarios.checks.checks import Route

TO = Route("posthere", BIN)
GATEWAY = Route("thingsboard", TELEMETRY)


def test_points_of_one_message_are_in_order_whatever_their_order() -> None:
    story = Story()
    ids = [story.sent(1), story.sent(2), story.sent(3)]
    story.acknowledged(story.publishes({DEV: [point(2), point(1), point(3)]}))

    verdict = checks.in_order(story.events, ids, GATEWAY)

    assert (verdict.outcome, verdict.examined) == ("passed", 3)
    assert checks.none_twice(story.events, ids, GATEWAY).outcome == "passed"
    assert checks.none_lost(story.events, ids, GATEWAY).outcome == "passed"


def test_points_of_one_post_are_in_order() -> None:
    story = Story()
    ids = [story.sent(1), story.sent(2)]
    story.answered(story.arrives(orjson.dumps({DEV: [point(1), point(2)]})))

    assert checks.in_order(story.events, ids, TO).outcome == "passed"
    assert checks.none_twice(story.events, ids, TO).outcome == "passed"


def test_one_message_carries_several_devices() -> None:
    story = Story()
    ids = [story.sent(1), story.sent(1, OTHER), story.sent(2), story.sent(2, OTHER)]
    story.acknowledged(story.publishes({OTHER: [point(1), point(2)], DEV: [point(1), point(2)]}))

    assert checks.in_order(story.events, ids, GATEWAY).outcome == "passed"


@pytest.mark.parametrize(("first", "second"), [((1, 3), (2,)), ((2, 3), (1, 4)), ((2,), (1,))])
def test_message_after_one_with_later_points_is_out_of_order(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    story = Story()
    ids = [story.sent(f_cnt) for f_cnt in (1, 2, 3, 4)]
    for counters in (first, second):
        story.acknowledged(story.publishes({DEV: [point(f_cnt) for f_cnt in counters]}))

    assert checks.in_order(story.events, ids, GATEWAY).outcome == "failed"


def test_message_while_the_one_before_is_open_is_out_of_order() -> None:
    story = Story()
    ids = [story.sent(f_cnt) for f_cnt in (1, 2, 3, 4)]
    exchanges = [story.publishes({DEV: [point(a), point(b)]}) for a, b in ((1, 2), (3, 4))]
    for exchange in exchanges:
        story.acknowledged(exchange)

    verdict = checks.in_order(story.events, ids, GATEWAY)

    assert verdict.outcome == "failed"
    assert f"{ids[2]} while {ids[1]} was open" in verdict.happened


def test_point_that_comes_again_in_one_message_is_twice() -> None:
    story = Story()
    ids = [story.sent(1), story.sent(2)]
    story.acknowledged(story.publishes({DEV: [point(1), point(2), point(1)]}))

    verdict = checks.none_twice(story.events, ids, GATEWAY)

    assert (verdict.outcome, verdict.ids) == ("failed", (ids[0],))
    assert checks.in_order(story.events, ids, GATEWAY).outcome == "passed"


def test_uplink_told_in_parts_within_one_message_is_no_repeat() -> None:
    story = Story()
    ids = [story.sent(1)]
    story.acknowledged(story.publishes({DEV: [point(1, temperature=21.5), point(1, humidity=40)]}))

    assert checks.none_twice(story.events, ids, GATEWAY).outcome == "passed"


@pytest.mark.parametrize("again", [False, True], ids=["left", "sent again"])
def test_puback_that_refuses_is_no_delivery(again: bool) -> None:
    story = Story()
    ids = [story.sent(1)]
    story.acknowledged(story.publishes({DEV: [point(1)]}, level=5), code=0x97)
    if again:
        story.acknowledged(story.publishes({DEV: [point(1)]}, level=5))

    assert checks.none_lost(story.events, ids, GATEWAY).outcome == ("passed" if again else "failed")
    assert checks.none_twice(story.events, ids, GATEWAY).outcome == "passed"


def test_telemetry_that_nothing_acknowledges_is_the_forwarders() -> None:
    story = Story()
    ids = [story.sent(1)]
    story.publishes({DEV: [point(1)]}, qos=0)

    verdict = checks.none_lost(story.events, ids, GATEWAY)

    assert (verdict.outcome, verdict.hop) == ("failed", "forwarder")
    assert "came with QoS 0, which no destination acknowledges" in verdict.happened
