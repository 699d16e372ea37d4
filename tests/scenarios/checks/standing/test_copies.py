import random

from tests.scenarios.history_lines import BIN, DEV, Story, document
from uplab.scenarios.checks.standing.connections import Connections
from uplab.scenarios.checks.standing.copies import Copies, Ranges


def test_ranges_hold_what_was_added_in_any_order() -> None:
    numbers = [*range(1, 60, 3), *range(100, 160)]
    random.Random(1).shuffle(numbers)
    ranges = Ranges()
    for number in (*numbers, *numbers):
        ranges.add(number)

    assert [number for number in range(200) if number in ranges] == sorted(numbers)
    assert len(ranges) == 20 + 1


def test_a_thousand_uplinks_in_order_are_one_range() -> None:
    story, copies = Story(), Copies(Connections())
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
    story, copies = Story(), Copies(Connections())
    story.sent(1)
    story.answered(story.arrives(document(DEV, 1), url=BIN))
    story.tells("destination.closed", fake="thingsboard", session=7, reason="gone")
    story.delivered(1)
    for event in story.events:
        copies.see(event)

    assert [breach.ids for breach in copies.breaches] == [("u1",)]
