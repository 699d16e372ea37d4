import random

from uplab.scenarios.checks.standing.ranges import Ranges


def test_ranges_hold_what_was_added_in_any_order() -> None:
    numbers = [*range(1, 60, 3), *range(100, 160)]
    random.Random(1).shuffle(numbers)
    ranges = Ranges()
    for number in (*numbers, *numbers):
        ranges.add(number)

    assert [number for number in range(200) if number in ranges] == sorted(numbers)
    assert len(ranges) == 20 + 1
