"""Which worlds are played: those of the kept set, or of `--worlds DIR`; many in one scenario, side by side."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from uplab.scenarios.worlds.kept import KEPT, MOST, TOGETHER, batches, read_folder
from uplab.scenarios.worlds.plan import Plan, PlanError


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One scenario for each batch; UsageError, in one line, where a file holds no world."""
    if "plans" not in metafunc.fixturenames:
        return
    named = metafunc.config.getoption("--worlds") or os.environ.get("UPLAB_WORLDS")
    folder = Path(named) if named else KEPT
    try:
        alone = metafunc.config.getoption("--worlds-alone")
        found = list(batches(read_folder(folder, most=100_000 if named else MOST), 1 if alone else TOGETHER))
    except PlanError as error:
        raise pytest.UsageError(str(error)) from None
    metafunc.parametrize("plans", found, ids=[_called(batch) for batch in found])


def _called(batch: list[Plan]) -> str:
    return batch[0].name if len(batch) == 1 else f"{batch[0].name}-and-{len(batch) - 1}"
