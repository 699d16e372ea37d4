"""The made-up run, written once for all tests that only read it."""

from pathlib import Path

import pytest

from tests.reports.sample import make_run
from uplab.reports.run import Run, read_run


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a stored run of 30 scenarios; tests must not change it."""
    return make_run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="session")
def run(folder: Path) -> Run:
    """The run of that folder."""
    return read_run(folder)
