from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from uplab.scenarios.cli.main import app
from uplab.scenarios.cli.own.init import PROJECT


def test_project_is_written_and_says_how_it_is_run(tmp_path: Path) -> None:
    ended = CliRunner().invoke(app, ["init", str(tmp_path / "mine")])

    assert ended.exit_code == 0, ended.output
    assert {str(path.relative_to(tmp_path / "mine")) for path in (tmp_path / "mine").rglob("*") if path.is_file()} == {
        *PROJECT
    }
    assert "uplab run test_hall.py --catalogue catalogue.toml" in ended.output


def test_nothing_that_is_there_is_changed(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("mine = 1\n")

    ended = CliRunner().invoke(app, ["init", str(tmp_path)])

    assert (ended.exit_code, ended.output.count("\n")) == (4, 1)
    assert "has conftest.py already: name another folder" in ended.output
    assert [path.name for path in tmp_path.iterdir()] == ["conftest.py"]
