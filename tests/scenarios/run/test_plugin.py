"""The plugin asleep, in a pytest run that has nothing to do with uplab: each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.scenarios.suite_runs import environment

OWN_OPTIONS = """
def pytest_addoption(parser):
    for name in ("--seed", "--only", "--gate"):
        parser.addoption(name, default="nothing")
"""
USES_THEM = """
def test_options(pytestconfig):
    assert [pytestconfig.getoption(name) for name in ("--seed", "--only", "--gate")] == ["7", "mine", "nothing"]
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )


def test_asleep_it_imports_nothing_but_itself() -> None:
    program = (
        "import sys, pytest; before = set(sys.modules)\nimport uplab.scenarios.run.plugin\n"
        "print(*sorted(set(sys.modules) - before))"
    )

    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert shown.split() == ["uplab", "uplab.scenarios", "uplab.scenarios.run", "uplab.scenarios.run.plugin"]


def test_asleep_it_leaves_options_of_the_same_name_to_others(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(OWN_OPTIONS)
    (tmp_path / "test_it.py").write_text(USES_THEM)

    ended = run(tmp_path, "--seed", "7", "--only", "mine")

    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_asleep_it_shows_nothing_of_a_run(tmp_path: Path) -> None:
    shown = run(tmp_path, "--help").stdout

    assert "--forwarder-command" not in shown
    assert "uplab (bool):" in shown
    assert "uplab" not in run(tmp_path, "--markers").stdout
    assert "a joined Elsys" not in run(tmp_path, "--fixtures").stdout


@pytest.mark.parametrize("name", ["lab", "device", "devices"])
def test_who_asks_for_the_lab_is_told_how_to_switch_it_on(tmp_path: Path, name: str) -> None:
    (tmp_path / "test_it.py").write_text(f"def test_it({name}): pass\n")

    ended = run(tmp_path)

    assert ended.returncode == 1
    told = f"the fixture '{name}' belongs to uplab, which is asleep: add `uplab = true` to pytest's configuration in "
    assert told in ended.stdout.replace("\n", " ")


def test_lab_of_somebody_else_is_his(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import pytest\n@pytest.fixture\ndef lab(): return 7\ndef test_it(lab): assert lab == 7\n"
    )

    assert run(tmp_path).returncode == 0


def test_another_fixture_that_is_missing_is_no_matter_of_ours(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(laboratory): pass\n")

    shown = run(tmp_path).stdout

    assert "fixture 'laboratory' not found" in shown
    assert "belongs to uplab" not in shown
