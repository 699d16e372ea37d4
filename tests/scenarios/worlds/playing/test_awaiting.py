"""Waiting for many deliveries at once, over a history that a test tells."""

from __future__ import annotations

from tests.scenarios.history_lines import DEV, TELEMETRY, Story, document, point
from uplab.scenarios.checks.checks import Route
from uplab.scenarios.history.identity import epoch_ms
from uplab.scenarios.worlds.playing.awaiting import Awaited, Deliveries

X, Y = Route("posthere", "/w1-x"), Route("posthere", "/w1-y")


def missing(deliveries: Deliveries, *awaited: Awaited) -> list[str]:
    return [one.id for one in deliveries.await_all(awaited, timeout_s=0)]


def test_each_place_has_to_take_its_own() -> None:
    story = Story()
    deliveries = Deliveries(story.history)
    id_ = story.sent(1)
    story.delivered(1, url="/w1-x?a=1")
    assert missing(deliveries, Awaited(id_, (X,)), Awaited(id_, (Y,))) == [id_]
    story.delivered(1, url="/w1-y")
    assert missing(deliveries, Awaited(id_, (X,)), Awaited(id_, (Y,))) == []


def test_what_may_go_to_either_place_is_awaited_once() -> None:
    story = Story()
    deliveries = Deliveries(story.history)
    id_ = story.sent(1)
    story.delivered(1, url="/w1-y")
    assert missing(deliveries, Awaited(id_, (X, Y))) == []


def test_refused_is_not_taken_and_copies_are_counted() -> None:
    story = Story()
    deliveries = Deliveries(story.history)
    id_ = story.sent(1)
    story.answered(story.arrives(document(DEV, 1), "/w1-x"), 503)
    assert missing(deliveries, Awaited(id_, (X,))) == [id_]
    story.delivered(1, url="/w1-x")
    assert missing(deliveries, Awaited(id_, (X,), copies=2)) == [id_]
    story.delivered(1, url="/w1-x")
    assert missing(deliveries, Awaited(id_, (X,), copies=2)) == []


def test_payloads_alone_are_counted_at_their_place() -> None:
    story = Story()
    deliveries = Deliveries(story.history)
    awaited = [Awaited(story.sent(number), (X,), alone=True) for number in (1, 2)]
    story.answered(story.arrives(b'{"temperature": 21.5}', "/w1-x"))
    assert missing(deliveries, *awaited) == [awaited[1].id]
    story.answered(story.arrives(b'{"temperature": 21.6}', "/w1-x"))
    assert missing(deliveries, *awaited) == []


def test_what_has_no_name_is_known_by_its_time() -> None:
    story = Story()
    deliveries = Deliveries(story.history)
    ts = epoch_ms(document(DEV, 3)["DevEUI_uplink"]["Time"])
    one = Awaited(story.sent(3), (Route("thingsboard", TELEMETRY),), ts=ts, nameless=True)
    assert missing(deliveries, one) == [one.id]
    story.acknowledged(story.publishes({DEV: [point(3)]}))
    assert missing(deliveries, one) == []
