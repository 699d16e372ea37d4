from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.reports.sample import make_run
from uplab.reports.run import read_run
from uplab.scenarios.cli.main import app


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Runs the command in this process, in a folder of its own, where no lab is up."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for name in [name for name in os.environ if name.startswith("UPLAB_")]:
        monkeypatch.delenv(name)
    return CliRunner()


def test_report_names_the_line_of_a_history_that_is_broken(runner: CliRunner, tmp_path: Path) -> None:
    run = read_run(make_run(tmp_path, scenarios=5))
    name = next(scenario.history for scenario in run.scenarios if scenario.history)
    path = tmp_path / name
    path.write_bytes(path.read_bytes().replace(b'"status":201', b'"status":"201"', 1))

    shown = runner.invoke(app, ["report", str(tmp_path)])

    assert shown.exit_code == 4
    assert (
        f"{name}, line 2: api.answered: status must be whole number, not text; the report has the rest" in shown.stderr
    )
    assert (tmp_path / "report.html").exists()


def test_report_of_a_folder_that_is_no_run_is_one_clear_line(runner: CliRunner, tmp_path: Path) -> None:
    shown = runner.invoke(app, ["report", str(tmp_path)])

    assert shown.exit_code == 4
    assert shown.stderr.startswith("uplab: ")
    assert "run.json does not exist" in shown.stderr
