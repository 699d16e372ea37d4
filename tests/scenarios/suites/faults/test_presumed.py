from types import SimpleNamespace
from typing import Any

import pytest

from uplab.scenarios.checks.policy.measured import Measured
from uplab.scenarios.checks.verdict import CheckUnknown
from uplab.scenarios.suites.faults.presumed import presume_trying_again
from uplab.scenarios.under_test.profile import Profile


def lab(kind: str = "blame", **seen: int) -> Any:
    profile = Profile.model_validate({"name": "n", "choices": {"failure_generation": kind}})
    return SimpleNamespace(profile=profile, measured=Measured(**seen))  # type: ignore[arg-type]


def test_declared_otherwise_is_not_applicable() -> None:
    with pytest.raises(pytest.skip.Exception, match="declares none"):
        presume_trying_again(lab("none"))


def test_seen_never_to_try_again_is_unknown_and_says_what_to_declare() -> None:
    with pytest.raises(CheckUnknown, match='failure_generation = "none"'):
        presume_trying_again(lab(failures=2, missed=True))


def test_nothing_seen_or_seen_to_try_again_is_fine() -> None:
    presume_trying_again(lab())
    presume_trying_again(lab(failures=3, repeated=1, missed=True))
    presume_trying_again(lab(failures=3))  # scenarios that ended before it would be tried again
