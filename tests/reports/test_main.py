from pathlib import Path

import pytest

from tests.reports.sample import make_run
from uplab.reports.__main__ import main


def test_stored_run_is_rendered_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_run(tmp_path, scenarios=3)

    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        str(tmp_path / name) for name in ("report.html", "junit.xml", "ctrf.json")
    ]


def test_table_is_printed_on_demand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_run(tmp_path, scenarios=3)

    assert main([str(tmp_path), "--format", "junit", "--table"]) == 0
    assert "bin shows exactly the uplinks" in capsys.readouterr().out


def test_missing_run_is_one_line_and_no_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none")]) == 4

    captured = capsys.readouterr()
    assert captured.err.startswith("reports: ")
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_wrong_usage_has_the_code_of_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--format", "pdf", "folder"])

    assert ended.value.code == 4
    assert capsys.readouterr().err.startswith("python -m reports: argument --format: invalid choice: 'pdf'")
