"""The census at the end of a run of foreign clients."""

import os
from pathlib import Path

import pytest

from tests.clients import census


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was called; write it to UPLAB_CENSUS when that names a file."""
    if census.CALLS:
        terminalreporter.section("what foreign clients called")
        for line in census.summary():
            terminalreporter.write_line(line)
        if place := os.environ.get("UPLAB_CENSUS"):
            Path(place).write_bytes(census.as_json())
