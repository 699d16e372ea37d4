"""What Allure shows of a scenario beside its outcome: the suite, the requirements as tags, the promise and the history."""

from pathlib import Path, PurePosixPath

import allure

from scenarios.record import suite_of, title_of

__all__ = ["describe"]


def describe(node_id: str, *, promise: str | None, requirements: list[str], history: Path) -> None:
    """Labels the scenario that runs and attaches its history, where one was written; silent where allure is not active."""
    allure.dynamic.title(title_of(node_id))
    allure.dynamic.parent_suite("uplab")
    allure.dynamic.suite(suite_of(node_id))
    allure.dynamic.sub_suite(PurePosixPath(node_id.partition("::")[0]).stem)
    allure.dynamic.tag(*requirements)
    if promise:
        allure.dynamic.description(promise)
    if history.exists():
        allure.attach.file(str(history), name="history", attachment_type="text/plain", extension="jsonl")
