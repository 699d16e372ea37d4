"""The sign-off as a workbook, read by another library."""

from dataclasses import replace
from pathlib import Path

from python_calamine import CalamineWorkbook

from tests.reports.paper.conftest import MakeRun
from uplab.reports.paper.sheet import write_sheet
from uplab.reports.paper.signoff import sign_off
from uplab.reports.run import read_run


def test_workbook_holds_every_clause_and_no_formula(made: MakeRun, tmp_path: Path) -> None:
    one = sign_off([read_run(made("a")), read_run(made("b"))])
    one = replace(one, runs=(replace(one.runs[0], forwarder="=1+1"), one.runs[1]))
    path = tmp_path / "signoff.xlsx"

    write_sheet(one, path, made="2026-12-01T03:00:00+00:00")

    book = CalamineWorkbook.from_path(path)
    assert book.sheet_names == ["Summary", "Clauses", "Runs", "Deviations"]
    rows = book.get_sheet_by_name("Clauses").to_python()
    assert rows[0] == ["section", "clause", "in our words", "who says so", "about", "verdict", "why", "run 1", "run 2"]
    assert [row[1] for row in rows[1:]] == [statement.id for statement in one.statements]
    runs = book.get_sheet_by_name("Runs").to_python()
    assert runs[1][1] == "=1+1", "a text"
    assert runs[1][-2] == one.runs[0].sha256
