"""What became of a scenario, for its record: its outcome, and the verdicts that led to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from uplab.scenarios.checks.verdict import CheckFailed, CheckUnknown, Verdict

if TYPE_CHECKING:
    from uplab.scenarios.lab.lab import Lab

__all__ = ["NoLabError", "late_of", "outcome_of", "verdicts_of"]


class NoLabError(Exception):
    """The lab could not be started; the text says why. Nothing was judged, so nothing has failed."""


def late_of(lab: Lab | None, report: pytest.TestReport) -> list[tuple[str | None, Verdict]]:
    """What an earlier scenario has caused, and could not be seen in its time."""
    if lab is None or report.when != "teardown":
        return []
    late, lab.late = lab.late, []
    return late


def verdicts_of(
    lab: Lab | None,
    report: pytest.TestReport,
    error: BaseException | None,
    broken: list[Verdict],
    *,
    only_passed: bool,
) -> list[Verdict]:
    """What the scenario judged, and the standing invariants that it broke.

    What a forwarder did not do because it had ended, or the disk was full, is no verdict on a promise: then
    `only_passed` remain.
    """
    judged = list(lab.verdicts) if lab and report.when == "call" else []
    if report.when == "teardown":
        judged += broken
    if isinstance(error, CheckFailed) and error.verdict:
        judged.append(error.verdict)
    return [verdict for verdict in judged if not only_passed or verdict.outcome == "passed"]


def outcome_of(report: pytest.TestReport, error: BaseException | None) -> str:
    """One of the five outcomes."""
    if isinstance(error, (CheckUnknown, NoLabError)):
        return "unknown"
    if report.failed and not isinstance(error, (AssertionError, pytest.fail.Exception)):
        return "error"  # neither a check nor the scenario said that the forwarder failed: they broke themselves
    return {"passed": "passed", "failed": "failed", "skipped": "not applicable"}[report.outcome]
