from __future__ import annotations

import pytest

from uplab.scenarios.run import exit_codes


def test_codes_are_those_of_pytest_and_three_of_our_own() -> None:
    codes = {name: getattr(exit_codes, name) for name in exit_codes.__all__ if name != "MEANINGS"}

    assert codes == {
        "PASSED": pytest.ExitCode.OK,
        "FAILED": pytest.ExitCode.TESTS_FAILED,
        "STOPPED": pytest.ExitCode.INTERRUPTED,
        "NOT_STARTED": pytest.ExitCode.INTERNAL_ERROR,
        "WRONG_USAGE": pytest.ExitCode.USAGE_ERROR,
        "NOTHING_SELECTED": pytest.ExitCode.NO_TESTS_COLLECTED,
        "ERROR": 6,
        "UNWRITTEN": 7,
        "UNKNOWN": 10,
    }
    assert set(exit_codes.MEANINGS) == set(codes.values())
