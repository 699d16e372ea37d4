"""Bodies that must be taken: each proves a clause, and needs what a profile can declare."""

from uplab.scenarios.checks.requirements import catalogue, clauses
from uplab.scenarios.under_test.ways.reach import strangers
from uplab.scenarios.worlds.playing.bodies import PLAIN
from uplab.scenarios.worlds.space.taken import TAKEN


def test_rows_prove_clauses() -> None:
    for name, row in TAKEN.items():
        assert row.proves in clauses() or row.proves in catalogue(), name


def test_rows_need_what_a_profile_can_declare() -> None:
    assert {need for row in TAKEN.values() for need in strangers(row.needs)} <= {"blame"}
    assert {row.kind for row in TAKEN.values()} == set(PLAIN)


def test_thingsboard_is_reached_in_each_way() -> None:
    assert {row.transport for row in TAKEN.values()} == {None, "mqtt", "mqtts", "rest"}
