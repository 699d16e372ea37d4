from dataclasses import replace

import orjson
import pytest

from tests.scenarios.history_lines import BIN, DEV, Story, document, point
from uplab.scenarios.checks.standing.connections import Connections
from uplab.scenarios.checks.standing.copies import Copies
from uplab.scenarios.checks.standing.flows import Bindings


def test_a_thousand_uplinks_in_order_are_one_range() -> None:
    story, copies = Story(), Copies(known := Connections(), Bindings(known))
    for f_cnt in range(1000):
        mark = story.history.mark
        story.sent(f_cnt % 60, dev_eui=f"{f_cnt // 60:016X}")
        story.answered(story.arrives(document(f"{f_cnt // 60:016X}", f_cnt % 60)))
        for event in story.history.since(mark):
            copies.see(event)

    [done] = copies._done.values()
    assert len(done) == 1
    assert copies.breaches == []


def test_link_that_ended_excuses_what_it_had_in_flight_only() -> None:
    story, copies = Story(), Copies(known := Connections(), Bindings(known))
    story.sent(1)
    story.answered(story.arrives(document(DEV, 1), url=BIN))
    story.tells("destination.closed", fake="thingsboard", session=7, reason="gone")
    story.delivered(1)
    for event in story.events:
        copies.see(event)

    assert [breach.ids for breach in copies.breaches] == [("u1",)]


@pytest.mark.parametrize(("fault", "right"), [(False, False), (True, True)], ids=["taken both times", "unclear"])
def test_two_at_a_time_are_one_too_many_where_both_are_taken(fault: bool, right: bool) -> None:
    story, known = Story(), Connections()
    copies = Copies(known, Bindings(known))
    story.sent(1)
    both = [story.arrives(document(DEV, 1)), story.arrives(document(DEV, 1))]
    if fault:
        story.tells("fault.delivered", fault="f", exchange=both[0])
    for exchange in both:
        story.answered(exchange)
    for event in story.events:
        copies.see(event)

    assert [breach.ids for breach in copies.breaches] == ([] if right else [("u1",)])


def test_what_arrives_between_the_end_of_the_process_and_its_first_answer_is_excused() -> None:
    story, known = Story(), Connections()
    copies = Copies(known, Bindings(known))
    story.sent(1)
    story.tells("forwarder.ended", how="killed")
    story.delivered(1)  # it was on its way
    story.tells("api.answered", method="GET", path="/connections", status=200)
    story.delivered(1)
    story.sent(2)
    story.delivered(2)
    story.delivered(2)
    for event in story.events:
        copies.see(event)

    assert [breach.ids for breach in copies.breaches] == [("u2",)]


def test_nothing_is_kept_of_what_is_over() -> None:
    story, known = Story(), Connections()
    copies = Copies(known, Bindings(known))
    for f_cnt in range(1, 51):
        story.sent(f_cnt)
        story.delivered(f_cnt)
    for event in story.events:
        copies.see(event)

    kept = (copies._open, copies._taken, copies._said, copies._faults, copies._excused)
    assert not any(kept)


def test_uplink_that_is_told_twice_in_one_message_is_a_copy() -> None:
    story, known = Story(), Connections()
    copies = Copies(known, Bindings(known))
    story.sent(1)
    story.acknowledged(story.publishes({DEV: [point(1, FCntUp=1), point(1, FCntUp=1)]}))
    for event in story.events:
        copies.see(event)

    assert ["twice in one message" in breach.happened for breach in copies.breaches] == [True]


@pytest.mark.parametrize(("patience_ms", "right"), [(10, True), (4_000, False)])
def test_answer_later_than_a_connection_waits_leaves_it_unclear(patience_ms: int, right: bool) -> None:
    story, known = Story(), Connections()
    copies = Copies(known, Bindings(known))
    place = {"hostName": "a:1883", "username": "me", "uplinkTopicPattern": "t", "actionTimeout": patience_ms}
    story.connected("1", **place)
    story.tells("destination.connected", fake="broker", session=1, username="me")
    story.sent(1)
    for _ in range(2):
        exchange = story.publishes(orjson.dumps(document(DEV, 1)), fake="broker", topic="t", members=None)
        story.tells("destination.acknowledged", fake="broker", session=1, exchange=exchange, kind="PUBACK", code=0)
    for event in story.events:
        late = event.hop == "destination.acknowledged"
        known.see(event) if event.hop in Connections.hops else None
        copies.see(replace(event, monotonic_s=event.monotonic_s + (0.5 if late else 0.0)))

    assert (copies.breaches == []) is right
