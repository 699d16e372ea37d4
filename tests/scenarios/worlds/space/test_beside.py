"""What happens beside the first connection is drawn with its connector."""

from uplab.scenarios.worlds.plan import Connection
from uplab.scenarios.worlds.space.beside import COMMANDS, FAILURES, LIVES, TROUBLES
from uplab.scenarios.worlds.space.faults import faults_of


def test_rows_are_connectors_of_a_plan() -> None:
    for table in (COMMANDS, FAILURES, LIVES, TROUBLES):
        assert next(iter(table)) == "none"
        for name, row in list(table.items())[1:]:
            assert row is not None
            assert name == f"{row.to}: {row.what}"
            assert Connection.model_validate({"to": row.to}).to == row.to


def test_each_failure_can_be_made_there() -> None:
    for row in FAILURES.values():
        assert row is None or row.what in faults_of(row.to)


def test_each_trouble_is_one_of_a_connection() -> None:
    for row in TROUBLES.values():
        assert row is None or Connection.model_validate({"to": row.to, "trouble": row.what}).trouble == row.what
