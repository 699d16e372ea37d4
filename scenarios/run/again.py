"""Once more: a scenario that the lab itself was too late for is begun anew before it is called unknown."""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

from uplab.scenarios.checks.verdict import CheckUnknown

if TYPE_CHECKING:
    from uplab.scenarios.lab.lab import Lab

__all__ = ["Again", "excuse", "note_lateness", "tries"]

_tried = pytest.StashKey[bool]()
_why = pytest.StashKey[str]()


class Again:
    """Runs the whole protocol of such a scenario a second time: fixtures, devices and connections are new."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)  # outside of whatever measures or limits one try
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, object, object]:
        """The reports of the first try say that it does not count (`again` in their record)."""
        result = yield
        if item.stash.get(_why, None) and not item.stash.get(_tried, False) and not item.session.shouldstop:
            item.stash[_tried] = True
            item.ihook.pytest_runtest_protocol(item=item, nextitem=nextitem)
        return result


def tries(item: pytest.Item) -> int:
    """Which try of the scenario this is."""
    return 2 if item.stash.get(_tried, False) else 1


def excuse(lab: Lab, error: BaseException) -> CheckUnknown | None:
    """What to raise in the place of an error that only tells that time was up, while the lab itself was late."""
    from uplab.scenarios.lab.heartbeat import LabLateError  # noqa: PLC0415 - with the lab, it is here already
    from uplab.scenarios.under_test.answer import NoAnswerError  # noqa: PLC0415

    if (late := lab.heartbeat.late) is None:
        return CheckUnknown(_not_ended(error)) if _ended_by_pytest(error) else None
    if isinstance(error, NoAnswerError):
        excused = lab.heartbeat.excused(error.verdict)
        lab.verdicts.append(excused)
        return LabLateError(excused.text())
    if _time_was_up(error):
        return LabLateError(f"{late}; meanwhile the time was up: {_first_line(error)}")
    return None


def _time_was_up(error: BaseException) -> bool:
    """Of Python, of a browser's step, or of pytest-timeout, which fails a scenario by its words."""
    return _ended_by_pytest(error) or any(
        re.fullmatch("TimeoutError|Timeout", kind.__name__) for kind in type(error).__mro__
    )


def _ended_by_pytest(error: BaseException) -> bool:
    return isinstance(error, pytest.fail.Exception) and "from pytest-timeout" in str(error)


def _not_ended(error: BaseException) -> str:
    """What each step waits for has a deadline of its own; that all of them took long is nobody's fault."""
    return (
        f"the scenario was ended before it had judged everything: {_first_line(error)} A deadline of its own is missed "
        "by none of its steps, so nobody is blamed. Give it longer (`scenario_s` in the profile's [deadlines]), or run "
        "it where less else runs"
    )


def _first_line(error: BaseException) -> str:
    return f"{type(error).__name__} {error}".strip().partition("\n")[0]


def note_lateness(item: pytest.Item, lab: Lab | None, error: BaseException | None, outcome: str) -> str | None:
    """Why the first try of this scenario does not count, from the report that says so to its last one; else None."""
    if lab is None or item.stash.get(_tried, False):
        return None
    from uplab.scenarios.lab.heartbeat import LabLateError  # noqa: PLC0415 - with the lab, it is here already

    if outcome == "unknown" and (isinstance(error, LabLateError) or lab.heartbeat.late):
        item.stash[_why] = str(error) if isinstance(error, LabLateError) else lab.heartbeat.late or ""
    return item.stash.get(_why, None)
