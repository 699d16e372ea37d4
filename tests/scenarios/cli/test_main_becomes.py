from __future__ import annotations

import os
import signal
import sys
from typing import Any

import pytest
from typer.testing import CliRunner

from uplab.scenarios.cli.main import BECOME, app
from uplab.scenarios.run.launch import command


@pytest.fixture
def became(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What this process would have become."""
    seen: list[Any] = []
    monkeypatch.setattr(os, "execv", lambda *arguments: seen.append(arguments))
    monkeypatch.setattr(signal, "pthread_sigmask", lambda *_: set())  # Ctrl-C must still reach this process
    return seen


def test_forwarder_becomes_the_reference_one(became: list[Any]) -> None:
    CliRunner().invoke(app, ["forwarder", "--listen", "127.0.0.1:0", "--help"])

    ((_, arguments),) = became
    assert arguments[1:] == ["-m", "uplab.simulator.forwarder", "--listen", "127.0.0.1:0", "--help"]


def test_run_becomes_pytest_over_the_suites(became: list[Any]) -> None:
    BECOME["run"](["http", "-x"])

    assert became == [(sys.executable, command(["http", "-x"]))]


def test_help_of_run_becomes_nothing(became: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    BECOME["run"](["http", "-h"])

    assert became == []
    assert capsys.readouterr().out.startswith("Usage: uplab run ")
