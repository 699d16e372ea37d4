from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.scenarios.suite_runs import uplab
from uplab.scenarios.cli.main import BECOME, app
from uplab.scenarios.cli.table import COMMANDS


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Runs the command in this process, in a folder of its own, where no lab is up."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for name in [name for name in os.environ if name.startswith("UPLAB_")]:
        monkeypatch.delenv(name)
    return CliRunner()


def test_help_lists_every_command(runner: CliRunner) -> None:
    shown = runner.invoke(app, ["--help"])

    assert shown.exit_code == 0
    assert [command for command in COMMANDS if command not in shown.output] == []


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in BECOME])
def test_each_command_has_its_own_help(runner: CliRunner, command: str) -> None:
    shown = runner.invoke(app, [command, "--help"])

    assert shown.exit_code == 0
    assert f"Usage: uplab {command}" in shown.output


def test_version_is_that_of_the_distribution(tmp_path: Path) -> None:
    shown = uplab(tmp_path, "--version")

    assert (shown.code, shown.err) == (0, "")
    assert shown.out == "uplab 0.1.0\n"


WHILE_IT_LOADS = """
import signal, sys
sys.argv = ["/somewhere/bin/uplab", *sys.argv[1:]]
import uplab.scenarios.cli.main
signal.raise_signal(signal.SIGINT)
"""


@pytest.mark.parametrize(
    ("command", "words"), [("send", "stopped"), ("run", "stopped before the first scenario ended")]
)
def test_command_that_is_stopped_while_it_loads_says_so(command: str, words: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", WHILE_IT_LOADS, command], capture_output=True, text=True, timeout=30, check=False
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", f"\nuplab: {words}\n")


def test_help_needs_no_command_and_no_library() -> None:
    """What the help lists is imported when it is called: neither typer nor anything of a lab."""
    asked = "import sys, uplab.scenarios.cli.main as m; sys.argv[1:] = ['--help']\n"
    asked += "try: m.main()\nexcept SystemExit: print(sorted({'typer', 'rich', 'pytest', 'pydantic'} & {*sys.modules}))"
    ended = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=30, check=True)

    assert ended.stdout.splitlines()[-1] == "[]"
    assert [command for command in COMMANDS if f"  {command} " not in ended.stdout] == []


def test_without_a_command_the_help_is_shown_as_wrong_usage(tmp_path: Path) -> None:
    shown = uplab(tmp_path)

    assert (shown.code, shown.err) == (4, "")
    assert shown.out.startswith("Usage: uplab ")
