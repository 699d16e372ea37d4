from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scenarios.history_lines import BIN, Story
from uplab.scenarios.checks.check import Check, judged
from uplab.scenarios.checks.checks import CHECKS, InOrder, NoneLost, NoneTwice, RightPlace, Route, Unaltered
from uplab.scenarios.checks.requirements import catalogue
from uplab.scenarios.checks.verdict import CheckError, raise_for
from uplab.scenarios.history.history import Event

TO = Route("posthere", BIN)


class Breaks(NoneTwice):
    """A check that breaks at the first arrival."""

    def see(self, event: Event) -> None:
        raise KeyError(event.hop)


def test_history_is_read_once_for_all_checks() -> None:
    story = Story()
    ids = [story.sent(1), story.sent(2)]
    story.delivered(1)
    story.delivered(2)
    read: list[int] = []

    def once() -> Iterator[Event]:
        for event in story.events:
            read.append(event.seq)
            yield event

    battery: list[Check] = [check(ids, TO) for check in (NoneLost, NoneTwice, InOrder, Unaltered, RightPlace)]
    verdicts = judged(once(), battery)

    assert [verdict.outcome for verdict in verdicts] == ["passed"] * 5
    assert read == [event.seq for event in story.events]
    assert {verdict.question["until"] for verdict in verdicts if verdict.question} == {story.events[-1].seq}


def test_check_that_raises_is_an_error_and_the_others_go_on() -> None:
    story = Story()
    ids = [story.sent(1)]
    story.delivered(1)

    broken, kept = judged(story.events, [Breaks(ids, TO), NoneLost(ids, TO)])

    assert (broken.outcome, broken.hop, kept.outcome) == ("error", "check", "passed")
    assert "KeyError('destination.arrived')" in broken.happened
    with pytest.raises(CheckError, match="says nothing about the forwarder"):
        raise_for([broken, kept])


def test_what_is_kept_does_not_grow_with_the_attempts() -> None:
    story = Story()
    check = NoneLost([story.sent(1)], TO)
    for event in story.events:
        check.see(event)

    def size() -> int:
        return sum(len(kept) for kept in vars(check).values() if isinstance(kept, dict | set))

    sizes = set()
    for _ in range(100):
        mark = story.history.mark
        story.delivered(1)
        for event in story.history.since(mark):
            check.see(event)
        sizes.add(size())

    assert len(sizes) == 1


def test_each_check_names_rows_of_the_catalogue_and_the_contract() -> None:
    for check in CHECKS.values():
        assert check.promise
        assert check.source
        rows = [row for row in check.source if not row.startswith("CONTRACT ")]
        assert set(rows) <= catalogue().keys(), check.name
