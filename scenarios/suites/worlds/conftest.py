"""Which worlds are played: those of the kept set, or of `--worlds DIR`; many in one scenario, side by side."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from uplab.scenarios.worlds.doubt import KINDS
from uplab.scenarios.worlds.kept import KEPT, MOST, TOGETHER, batches, read_folder
from uplab.scenarios.worlds.plan import Plan, PlanError

_BATCH_S, _WORLD_S = 60.0, 20.0


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Doubt is played where it is asked for, and nothing else then."""
    if collection_path.suffix != ".py" or not collection_path.name.startswith("test_"):
        return None
    return True if (collection_path.name == "test_doubt.py") is not config.getoption("--doubt") else None


@pytest.fixture
def worlds_of_doubt() -> list[Plan]:
    """Worlds that wait for nothing but deliveries, so that a bug is met by many of them within seconds."""
    return [plan for plan in read_folder(KEPT) if not any(step.do in ("restart", "fault") for step in plan.steps)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One scenario for each batch, or each kind; UsageError, in one line, where a file holds no world."""
    if "kind" in metafunc.fixturenames:
        metafunc.parametrize("kind", KINDS, ids=[kind.name.replace(" ", "-") for kind in KINDS])
    if "plans" not in metafunc.fixturenames:
        return
    named = metafunc.config.getoption("--worlds") or os.environ.get("UPLAB_WORLDS")
    folder = Path(named) if named else KEPT
    try:
        alone = metafunc.config.getoption("--worlds-alone")
        found = list(batches(read_folder(folder, most=100_000 if named else MOST), 1 if alone else TOGETHER))
    except PlanError as error:
        raise pytest.UsageError(str(error)) from None
    # A batch is as many scenarios as it has worlds, which share their waiting, but not their work.
    limits = [pytest.mark.timeout(_BATCH_S + _WORLD_S * len(batch)) for batch in found]
    cases = [pytest.param(batch, marks=limit) for batch, limit in zip(found, limits, strict=True)]
    metafunc.parametrize("plans", cases, ids=[_called(batch) for batch in found])


def _called(batch: list[Plan]) -> str:
    return batch[0].name if len(batch) == 1 else f"{batch[0].name}-and-{len(batch) - 1}"
