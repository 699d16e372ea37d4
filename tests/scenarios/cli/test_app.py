from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from uplab.scenarios.cli.main import app


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Runs the command in this process, in a folder of its own, where no lab is up."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for name in [name for name in os.environ if name.startswith("UPLAB_")]:
        monkeypatch.delenv(name)
    return CliRunner()


def test_unknown_command_is_wrong_usage(runner: CliRunner) -> None:
    shown = runner.invoke(app, ["fak"])

    assert shown.exit_code == 4
    assert "Did you mean 'fake'?" in shown.output


@pytest.mark.parametrize(
    "arguments",
    [["send", "--colour"], ["fake"], ["fake", "posthere", "--port", "x"], ["report"], ["up", "--seed", "x"]],
)
def test_wrong_usage_has_one_exit_code_everywhere(runner: CliRunner, arguments: list[str]) -> None:
    assert runner.invoke(app, arguments).exit_code == 4


def test_ctrl_c_is_stopped_for_every_command(runner: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uplab.scenarios.cli.up.find_lab", stop)

    assert runner.invoke(app, ["send", "elsys_ers"]).exit_code == 2


def stop() -> str:
    raise KeyboardInterrupt


def test_help_names_the_exit_codes(runner: CliRunner) -> None:
    shown = " ".join(runner.invoke(app, ["--help"]).output.split())

    assert "Exit codes: 0 passed; 1 a scenario failed, or the gate" in shown
    assert "4 wrong usage" in shown
