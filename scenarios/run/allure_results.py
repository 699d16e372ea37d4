"""What Allure shows of a scenario beside its outcome: suite, requirements as tags, promise, and its history's place."""

import os
from pathlib import Path, PurePosixPath
from typing import Any

import allure

from uplab.scenarios.run.record import suite_of, title_of

__all__ = ["ID", "describe"]

ID = "uplab"
"""The label that has a scenario's id: by it its result is found again, when the run has ended."""

_dynamic: Any = allure.dynamic  # it is not annotated


def describe(node_id: str, *, promise: str | None, requirements: list[str], history: Path, results: str | None) -> None:
    """Labels the scenario that runs, and links its history, which is stored once; silent where allure is off.

    The link is relative to `results`, the folder of Allure's results: a run's folder may be moved with all in it.
    """
    _dynamic.title(title_of(node_id))
    _dynamic.label(ID, node_id)
    _dynamic.parent_suite("uplab")
    _dynamic.suite(suite_of(node_id))
    _dynamic.sub_suite(PurePosixPath(node_id.partition("::")[0]).stem)
    _dynamic.tag(*requirements)
    if promise:
        _dynamic.description(promise)
    if results and history.exists():
        _dynamic.link(Path(os.path.relpath(history, results)).as_posix(), name="history")
