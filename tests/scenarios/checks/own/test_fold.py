"""Checks of an author's own: what they find, what they are asked again, and what is an author's mistake."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.scenarios.history_lines import BIN, DEV, Story, document
from uplab.scenarios.bundles.recheck import RecheckError, judge_again
from uplab.scenarios.checks.check import CHECKS, judged_alone
from uplab.scenarios.checks.deliveries import Route
from uplab.scenarios.checks.own import guard
from uplab.scenarios.checks.own.fold import Finding, broken, check, kept, own_check, unknown
from uplab.scenarios.checks.own.hops import DestinationAnswered, DestinationArrived, Hop
from uplab.scenarios.checks.page import page
from uplab.scenarios.checks.verdict import CheckError, Verdict


@pytest.fixture(autouse=True)
def own_checks_go_again() -> Iterator[None]:
    before = dict(CHECKS)
    yield
    CHECKS.clear()
    CHECKS.update(before)


def story(*counters: int) -> Story:
    told = Story()
    for f_cnt in counters:
        told.sent(f_cnt)
        told.answered(told.arrives(document(DEV, f_cnt), headers=[["X-Site", "A"]]))
    return told


def judged(fold: Any, told: Story) -> Verdict:
    return judged_alone(told.events, own_check(fold))


def small() -> type[Any]:
    @check("no body has more than {most} bytes", source="MINE-02")
    class SmallBodies:
        most: int = 1000

        def see(self, hop: DestinationArrived) -> Finding:
            return kept() if hop.size <= self.most else broken(f"{hop.size} bytes came")

    return SmallBodies


def test_promise_is_kept_broken_or_not_examined() -> None:
    kept_, broken_, nothing = (
        judged(small()(most=most), told) for most, told in ((1000, story(1)), (9, story(1, 2)), (9, Story()))
    )

    assert (kept_.outcome, kept_.examined, kept_.check) == ("passed", 1, "small bodies")
    assert (broken_.outcome, broken_.examined, broken_.hop, len(broken_.ids)) == ("failed", 2, "forwarder", 2)
    assert broken_.promised == "no body has more than 9 bytes"
    assert (nothing.outcome, nothing.happened) == (
        "unknown",
        "it examined nothing: none of destination.arrived concerned it",
    )


def test_state_begins_anew_and_the_end_is_asked() -> None:
    @check("each arrival is answered, {least} at least")
    class Completed:
        least: int

        def __post_init__(self) -> None:
            self.open: set[int] = set()
            self.count = 0

        def see(self, hop: DestinationArrived | DestinationAnswered) -> None:
            if isinstance(hop, DestinationArrived):
                self.open.add(hop.exchange)
            else:
                self.open.discard(hop.exchange)
                self.count += 1

        def end(self) -> Iterator[Finding]:
            yield from (unknown(f"exchange {one} is open") for one in self.open)
            yield kept() if self.count >= self.least else broken(f"{self.count} were", at="posthere")

    asked, told = own_check(Completed(least=2)), story(1)
    first = judged_alone(told.events, asked)
    assert (first.outcome, first.hop, first.happened) == ("failed", "posthere", "1 were")
    assert asked.verdict() == replace(first, question=None)  # asked twice, it says the same
    assert judged(Completed(least=1), story(1)).outcome == "passed"
    half = story(1)
    half.arrives(document(DEV, 2))
    assert judged(Completed(least=1), half).outcome == "unknown"


def test_field_is_no_word_of_a_question() -> None:
    with pytest.raises(CheckError, match="a field cannot be called until, which is a word of every question"):

        @check("nothing")
        class Late:
            until: int

            def see(self, hop: DestinationArrived) -> None: ...


def test_route_goes_through_a_question() -> None:
    @check("what is bound there arrives there")
    class There:
        place: Route

        def see(self, hop: DestinationArrived) -> Finding:
            return kept() if hop.url == self.place.path else broken(hop.url)

    told = story(1)
    verdict = judged(There(place=Route("posthere", BIN)), told)

    assert verdict.question is not None
    assert verdict.question["place"] == {"fake": "posthere", "path": BIN}
    assert verdict.question["module"] == __name__
    assert judge_again(verdict.question, told.events) == verdict


def test_check_of_somebody_elses_is_named_and_not_imported() -> None:
    question = {"check": "their check", "module": "their_checks", "until": 3}

    with pytest.raises(RecheckError) as raised:
        judge_again(question, story(1).events)

    assert str(raised.value) == (
        "the check 'their check' is of the module 'their_checks': uplab recheck --checks names it, or its file"
    )


def test_page_of_the_checks_names_ours_alone() -> None:
    before = page()
    small()

    assert page() == before


MISTAKES: dict[str, Callable[[Any], Any]] = {
    "raises": lambda _: 1 / 0,
    "leaves": lambda _: exit(3),
    "alters a header": lambda hop: hop.headers.append(["X", "1"]),
    "alters a hop": lambda hop: setattr(hop, "url", "/x"),
    "gives back a number": lambda _: 5,
    "gives back a text": lambda _: "broken",
    "gives back a list of texts": lambda _: ["broken"],
}


@pytest.mark.parametrize(
    ("does", "told"),
    [
        ("raises", "ZeroDivisionError: division by zero"),
        ("leaves", "SystemExit: 3"),
        (
            "alters a header",
            "it alters what it sees, and hops are frozen (AttributeError: 'tuple' object has no attribute",
        ),
        (
            "alters a hop",
            "it alters what it sees, and hops are frozen (FrozenInstanceError: cannot assign to field 'url')",
        ),
        ("gives back a number", "TypeError: see gave back 5; it gives back kept(), broken(...), unknown(...) or None"),
        ("gives back a text", "TypeError: see gave back 'broken'; it gives back"),
        ("gives back a list of texts", "TypeError: see gave back 'broken'; each of them is kept()"),
    ],
)
def test_mistake_in_a_check_is_an_error_with_its_place(does: str, told: str) -> None:
    @check("nothing")
    class Wrong:
        def see(self, hop: DestinationArrived) -> Any:
            return MISTAKES[does](hop)

    lines = story(1)
    verdict = judged(Wrong(), lines)

    assert (verdict.outcome, verdict.hop) == ("error", "check")
    assert verdict.happened.startswith("the check 'wrong' (test_fold.py")
    assert f"at event {lines.events[4].seq}, destination.arrived: {told}" in verdict.happened
    assert "\n" not in verdict.happened
    assert judged(small()(), lines).outcome == "passed", "nothing was altered for others"


def test_check_that_never_ends_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "ENDS_S", 0.1)

    @check("nothing")
    class Endless:
        def see(self, hop: DestinationArrived) -> None:
            for _ in itertools.count(hop.seq):
                pass

    verdict = judged(Endless(), story(1))

    assert verdict.outcome == "error"
    assert "it did not come to an end in 0.1 s" in verdict.happened


def test_all_hops_may_be_wanted() -> None:
    @check("everything is numbered")
    class Numbered:
        def see(self, hop: Hop) -> Finding:
            return kept() if hop.seq else broken("none")

    assert judged(Numbered(), story(1)).examined > 5


def test_class_that_can_be_no_check_is_said_when_it_is_made() -> None:
    with pytest.raises(CheckError, match=r"Untyped \(test_fold.py\): see\(self, hop\) says which hops it wants"):

        @check("nothing")
        class Untyped:
            def see(self, hop): ...  # type: ignore[no-untyped-def]

    with pytest.raises(CheckError, match=r"Blind .* says which hops it wants"):

        @check("nothing")
        class Blind: ...

    with pytest.raises(CheckError, match="there is a check 'in order' already, uplab's own: give it another"):

        @check("nothing")
        class InOrder:
            def see(self, hop: DestinationArrived) -> None: ...


def test_name_of_another_authors_check_is_not_taken() -> None:
    small()

    with pytest.raises(CheckError, match=r"there is a check 'small bodies' already, that of test_fold\.py"):

        @check("nothing", name="small bodies")
        class Others:
            def see(self, hop: DestinationArrived) -> None: ...


def test_what_it_is_asked_is_plain_data() -> None:
    with pytest.raises(CheckError, match=r"is asked what cannot be stored .*__post_init__"):
        own_check(small()(most=object()))
    with pytest.raises(CheckError, match="str is no check: write @check"):
        own_check("small bodies")  # type: ignore[arg-type]
