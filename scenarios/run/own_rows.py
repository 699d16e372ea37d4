"""Which catalogue a run is held against: rows of the author's own, and a frozen set of uplab's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from uplab.scenarios.checks.frozen import FrozenError, newer_than
from uplab.scenarios.checks.own.catalogue import CatalogueError, read_catalogues
from uplab.scenarios.checks.requirements import add_rows

__all__ = ["frozen_set", "read_own_rows"]


def read_own_rows(config: pytest.Config) -> None:
    """Takes the rows of --catalogue into the catalogue; UsageError names file, place and remedy."""
    try:
        add_rows(read_catalogues(map(Path, config.getoption("--catalogue"))))
    except CatalogueError as error:
        raise pytest.UsageError(f"--catalogue {error}") from None


def frozen_set(name: str | None) -> Mapping[str, str]:
    """The clauses that are not scored, each with the reason; none where no set is asked for."""
    if name is None:
        return {}
    try:
        newer = newer_than(name)
    except FrozenError as error:
        raise pytest.UsageError(f"--requirements: {error}") from None
    shown = Path(name).stem
    return {id_: f"not scored: {id_} is newer than the set {shown}" for id_ in sorted(newer)}
