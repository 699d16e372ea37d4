from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from uplab.scenarios.run.publish import publish
from uplab.scenarios.run.record import blank_record, run_record, write_record
from uplab.scenarios.under_test.profile import load_profile
from uplab.scenarios.under_test.target import RunOptions

FAILED: dict[str, Any] = {**blank_record("http/test_api.py::test_kept", "failed", "it is lost"), "duration_s": 0.1}


class Terminal:
    """As much of pytest's terminal reporter as publishing needs."""

    def __init__(self, root: Path) -> None:
        self._tw = SimpleNamespace(_file=io.StringIO())
        self.config = SimpleNamespace(rootpath=root, option=SimpleNamespace())

    @property
    def text(self) -> str:
        return str(self._tw._file.getvalue())

    def write_line(self, line: str) -> None:
        self._tw._file.write(f"{line}\n")


@pytest.fixture(autouse=True)
def outside_of_github(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    options = RunOptions(seed=7, profile=load_profile(None))
    scenarios: list[dict[str, Any]] = [FAILED]
    record = run_record(
        options, scenarios, version="1", started=datetime(2026, 5, 4, tzinfo=UTC), exit_code=1, shuffled=False
    )
    write_record(tmp_path, record)
    return tmp_path


def test_reports_are_rendered_from_what_was_stored(folder: Path) -> None:
    terminal = Terminal(folder)

    publish(folder, terminal)

    assert {"report.html", "junit.xml", "run.json"} <= {path.name for path in folder.iterdir()}
    assert "it is lost" in terminal.text
    assert "::error" not in terminal.text


def test_table_may_be_left_out(folder: Path) -> None:
    terminal = Terminal(folder)

    publish(folder, terminal, table=False)

    assert terminal.text == ""
    assert (folder / "report.html").exists()


@pytest.mark.parametrize(
    ("root", "shown"),
    [
        ("repo/scenarios", "scenarios/http/test_api.py"),
        ("repo", "http/test_api.py"),
        ("other", "http/test_api.py"),
    ],
)
def test_annotation_names_the_file_as_the_repository_does(
    folder: Path, monkeypatch: pytest.MonkeyPatch, root: str, shown: str
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(folder / "repo"))
    terminal = Terminal(folder / root)

    publish(folder, terminal, table=False)

    assert terminal.text.startswith(f"::error file={shown},line=1,title=failed%3A kept::")


def test_step_summary_goes_to_the_file_that_github_names(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder / "summary.md"))

    publish(folder, Terminal(folder))

    assert "1 of 1 scenario failed" in (folder / "summary.md").read_text()


def test_report_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)

    publish(tmp_path, terminal)

    assert terminal.text.startswith("uplab: the report is not complete: ")
    assert terminal.text.count("\n") == 1


@pytest.mark.parametrize("path", ["http/test_api.py", "{cwd}/mine/test_api.py", "mine/test_api.py"])
def test_annotation_names_file_and_line_of_the_scenario(
    folder: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(folder))
    for place in ("scenarios/http", "mine"):
        (folder / place).mkdir(parents=True)
        (folder / place / "test_api.py").touch()
    record = json.loads((folder / "run.json").read_text())
    record["scenarios"][0].update(path=path.format(cwd=folder), line=24)
    write_record(folder, record)
    terminal = Terminal(folder / "scenarios")

    publish(folder, terminal, table=False)

    expected = "scenarios/http/test_api.py" if path.startswith("http") else "mine/test_api.py"
    assert terminal.text.startswith(f"::error file={expected},line=24,")


@pytest.mark.parametrize(("verbosity", "tables"), [(0, 2), (1, 2), (-1, 0)])
def test_verbosity_decides_how_much_is_shown(folder: Path, verbosity: int, tables: int) -> None:
    terminal = Terminal(folder)

    publish(folder, terminal, verbosity=verbosity)

    assert terminal.text.count("\n----") == tables
    assert "it is lost" in terminal.text
