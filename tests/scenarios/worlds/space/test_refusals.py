"""Each refusal proves a clause, and names a place that is there."""

from uplab.scenarios.checks.requirements import catalogue, clauses
from uplab.scenarios.under_test.ways.reach import strangers
from uplab.scenarios.worlds.space.refusals import REFUSALS


def test_rows_prove_clauses() -> None:
    for name, row in REFUSALS.items():
        assert row.proves in clauses() or row.proves in catalogue(), name


def test_rows_need_what_a_profile_can_declare() -> None:
    assert {need for row in REFUSALS.values() for need in strangers(row.needs)} <= {"blame"}


def test_message_names_the_last_part_of_the_place() -> None:
    assert REFUSALS["no address"].named == "destinationURL"
    assert REFUSALS["header a number"].named == "X-Site"
