from types import SimpleNamespace
from typing import Any

import pytest

from uplab.scenarios.checks.verdict import CheckFailed, CheckUnknown
from uplab.scenarios.run.outcome import NoLabError, late_of, outcome_of, verdicts_of


@pytest.mark.parametrize(
    ("outcome", "error", "wanted"),
    [
        ("passed", None, "passed"),
        ("skipped", None, "not applicable"),
        ("failed", CheckFailed("x"), "failed"),
        ("failed", CheckUnknown("x"), "unknown"),
        ("failed", NoLabError("x"), "unknown"),
        ("failed", KeyError("x"), "error"),
    ],
)
def test_each_end_has_one_of_five_outcomes(outcome: str, error: BaseException | None, wanted: str) -> None:
    report: Any = SimpleNamespace(outcome=outcome, failed=outcome == "failed")

    assert outcome_of(report, error) == wanted


def test_without_a_lab_there_are_no_verdicts() -> None:
    report: Any = SimpleNamespace(when="call")

    assert verdicts_of(None, report, None, [], only_passed=False) == []
    assert late_of(None, report) == []
