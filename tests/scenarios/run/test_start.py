from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.scenarios.suite_runs import environment
from uplab.scenarios.run import start as start_module
from uplab.scenarios.run.exit_codes import STOPPED as CODE

START = [sys.executable, "-P", start_module.__file__]


def start(folder: Path, *arguments: str, before: str = "") -> subprocess.CompletedProcess[str]:
    code = f"import os, signal, sys\n{before}\nos.execv(sys.argv[1], sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-c", code, *START, *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_signal_over_the_start_is_one_clear_line(tmp_path: Path, number: str) -> None:
    held = f"signal.pthread_sigmask(signal.SIG_BLOCK, {{signal.{number}}})"
    pressed = f"{held}; os.kill(os.getpid(), signal.{number})"

    ended = start(tmp_path, before=pressed)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "\nuplab: stopped before the first scenario ended\n"


def test_it_becomes_pytest_which_finds_what_is_here(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("WORD = 'found'\n")
    (tmp_path / "suite").mkdir()
    (tmp_path / "http").mkdir()
    (tmp_path / "http" / "__init__.py").write_text("")
    (tmp_path / "suite" / "test_it.py").write_text(
        "import http, beside\ndef test_it(): assert http.HTTPStatus and beside.WORD\n"
    )

    ended = start(tmp_path, "-q", "-c", "/dev/null", "--rootdir", str(tmp_path), "-p", "no:cacheprovider")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "1 passed" in ended.stdout


def test_its_code_is_the_one_of_every_command() -> None:
    assert start_module.STOPPED == CODE
