"""`uplab run --player -p tests.faulty.played`: each scenario runs once under each mutation that the environment names.

The lab and the forwarder are the same for all of them: what the forwarder delivers is altered on its way. A file says
how often each scenario under each mutation had something altered.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from uplab.scenarios.lab.player.mutation import Mutation

__all__ = ["LOG", "NAME"]

NAME = "UPLAB_MUTATIONS"
"""The variable that names a file: {scenario: [mutation, ...]}, both as text."""

LOG = "UPLAB_MUTATIONS_LOG"
"""The variable that names the file for what was altered: one line of JSON for each scenario and mutation."""


def _mutations() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(Path(os.environ[NAME]).read_text(encoding="utf-8"))
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each scenario that is named in the file becomes one for each of its mutations."""
    named = _mutations().get(metafunc.definition.nodeid.partition("[")[0], [])
    if named:
        metafunc.parametrize("played", named, indirect=True, ids=str)


@pytest.fixture(autouse=True)
def played(request: pytest.FixtureRequest, running_lab: Any) -> Iterator[None]:
    """Plays the mutation from before the scenario's first connection to its end."""
    text = getattr(request, "param", None)
    if text is None:
        yield
        return
    player = running_lab.downstream.player
    player.play(Mutation.read(text))
    try:
        yield
    finally:
        done = player.play(None)
        told = {"scenario": request.node.nodeid, "mutation": text, "changed": done.changed if done else 0}
        with Path(os.environ[LOG]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")
