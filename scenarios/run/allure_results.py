"""What Allure shows of a scenario beside its outcome: suite, requirements as tags, promise and history."""

from pathlib import Path, PurePosixPath
from typing import Any

import allure

from uplab.scenarios.run.record import suite_of, title_of

__all__ = ["describe"]

_dynamic: Any = allure.dynamic  # these two are not annotated
_attach: Any = allure.attach


def describe(node_id: str, *, promise: str | None, requirements: list[str], history: Path) -> None:
    """Labels the scenario that runs, and attaches its history where one was written; silent where allure is off."""
    _dynamic.title(title_of(node_id))
    _dynamic.parent_suite("uplab")
    _dynamic.suite(suite_of(node_id))
    _dynamic.sub_suite(PurePosixPath(node_id.partition("::")[0]).stem)
    _dynamic.tag(*requirements)
    if promise:
        _dynamic.description(promise)
    if history.exists():
        _attach.file(str(history), name="history", attachment_type="text/plain", extension="jsonl")
