from pathlib import Path

from uplab.scenarios.checks.checks import CHECKS
from uplab.scenarios.checks.page import described, page
from uplab.scenarios.checks.standing.watch import NAMES

PAGE = Path(__file__).parents[3] / "scenarios" / "CHECKS.md"


def test_page_is_made_from_the_checks() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m uplab.scenarios.checks.page > scenarios/CHECKS.md"


def test_every_check_is_told_once() -> None:
    told = [(one["standing"], one["name"]) for one in described()]

    assert told == [*((False, name) for name in sorted(CHECKS)), *((True, name) for name in NAMES)]


def test_every_standing_invariant_says_all_that_a_reader_wants() -> None:
    for one in described():
        assert one["promise"]
        assert one["source"]
        assert not one["standing"] or (one["asks"] and one["advice"])
