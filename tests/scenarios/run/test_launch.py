from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from uplab.scenarios.cli.main import app
from uplab.scenarios.run.launch import START, command, first_named, misspelt, pytest_arguments
from uplab.scenarios.run.suites import CONFIGURATION, SUITES


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_of_run_names_every_option(monkeypatch: pytest.MonkeyPatch, flag: str) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    shown = CliRunner().invoke(app, ["run", flag])

    assert shown.exit_code == 0
    for option in ("--only", "--requirement", "--seed", "--forwarder-command", "--known-failing", "--gate"):
        assert f"  {option} " in shown.output
    assert "[UPLAB_SEED]" in shown.output
    assert [line for line in shown.output.splitlines() if len(line) > 105] == []
    for code in ("0", "1", "2", "3", "4", "5", "10"):
        assert f"\n  {code:<26}" in shown.output


def test_run_becomes_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[Any] = []
    monkeypatch.setattr(os, "execv", lambda *arguments: became.append(arguments))
    monkeypatch.setattr(signal, "pthread_sigmask", lambda *_: set())  # Ctrl-C must still reach this process

    CliRunner().invoke(app, ["run", "http", "--seed", "7", "-x"])

    ((program, arguments),) = became
    assert program == sys.executable
    assert arguments == command(["http", "--seed", "7", "-x"])
    assert arguments[:3] == [sys.executable, "-P", str(START)]
    assert arguments[-4:] == [str(SUITES / "http"), "--seed", "7", "-x"]


ALL = str(SUITES)


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        ([], [ALL]),
        (["-x", "-n", "2"], ["-x", "-n", "2", ALL]),
        (["http"], [f"{ALL}/http"]),
        (["http", "downlink"], [f"{ALL}/http", f"{ALL}/downlink"]),
        (["http/test_api.py"], [f"{ALL}/http/test_api.py"]),
        (["http/test_api.py::test_a[x::y]"], [f"{ALL}/http/test_api.py::test_a[x::y]"]),
        (["mine"], ["{here}/mine"]),
        (["mine/test_it.py::test_a"], ["{here}/mine/test_it.py::test_a"]),
        (["-k", "http"], ["-k", "http", ALL]),
        (["--only", "http"], ["--only", "http", ALL]),
        (["--only=http"], ["--only=http", ALL]),
        (["--forwarder-command", "http"], ["--forwarder-command", "http", ALL]),
        (["--report-dir", "mine", "http"], ["--report-dir", "mine", f"{ALL}/http"]),
        (["--known-failing", "mine/test_it.py"], ["--known-failing", "mine/test_it.py", ALL]),
        (["--ignore", "mine"], ["--ignore", "mine", ALL]),
        (["-W", "http"], ["-W", "http", ALL]),
        (["nowhere"], ["nowhere", ALL]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_scenarios_are_found_here_or_in_the_suites(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: list[str], passed: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "test_it.py").touch()

    arguments = pytest_arguments(given)

    assert arguments[:4] == ["-c", str(CONFIGURATION), "--rootdir", ALL]
    assert arguments[4:6] == ["-o", f"cache_dir={tmp_path}/.pytest_cache/uplab"]
    assert arguments[6:] == [one.format(here=tmp_path) if "{here}" in one else one for one in passed]


@pytest.mark.parametrize(
    ("given", "loaded"), [([], False), (["http", "-x"], False), (["mine"], True), (["http", "mine/test_it.py"], True)]
)
def test_plugins_that_no_suite_of_ours_uses_are_loaded_for_a_users_own_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: list[str], loaded: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "test_it.py").touch()

    assert ("no:faker" not in command(given)) is loaded
    assert command(given)[:3] == [sys.executable, "-P", str(START)]


def test_cache_that_is_switched_off_is_given_no_folder() -> None:
    assert "-o" not in pytest_arguments(["-p", "no:cacheprovider"])


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (["--sed", "5"], "--seed"),
        (["--sede=5"], "--seed"),
        (["http", "--requirment", "HTTP-01"], "--requirement"),
        (["--forwarder-comand", "x"], "--forwarder-command"),
        (["--must-aply", "x"], "--must-apply"),
    ],
)
def test_option_that_is_nearly_ours_gets_a_hint(given: list[str], meant: str) -> None:
    hint = misspelt(given)

    assert hint is not None
    assert hint.endswith(f"; did you mean {meant}?")


@pytest.mark.parametrize(
    "given",
    [["--seed=5"], ["--gate", "--shuffle"], ["--setup-show"], ["--report-log", "x"], ["--ff"], ["-k", "--sed"]],
)
def test_option_of_pytest_is_left_to_it(given: list[str]) -> None:
    assert misspelt(given) is None


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (["file.zip", "--seed", "7"], "file.zip"),
        (["--forwarder-command", "my forwarder", "file.zip", "my_tests"], "file.zip"),
        (["--forwarder-command=my forwarder", "-x", "-k", "words", "file.zip"], "file.zip"),
        (["--forwarder-command", "my forwarder"], None),
    ],
)
def test_first_argument_is_found_behind_options_too(given: list[str], named: str | None) -> None:
    assert first_named(given) == (named, [word for word in given if word != named])
