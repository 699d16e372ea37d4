"""What its author has done wrong in a scenario, in one sentence with the remedy: no forwarder has failed by that."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

import pytest

from uplab.scenarios.checks.standing.watch import NAMES
from uplab.scenarios.checks.verdict import CheckError, CheckFailed
from uplab.scenarios.run import selection
from uplab.scenarios.run.plugin import FIXTURES
from uplab.scenarios.run.requirement_ids import nearest_ids, requirement_id
from uplab.scenarios.under_test.profile import FEATURES
from uplab.scenarios.under_test.ways.reach import ABILITIES, strangers
from uplab.simulator.payloads.own import ModelError

if TYPE_CHECKING:
    from uplab.scenarios.lab.lab import Lab

__all__ = ["check_names", "mistake_of"]

_NEEDS = (*sorted(FEATURES), *ABILITIES)
_JUDGE = "let `lab.judge_delivery`, `lab.judge_alone` or `lab.expect` judge"


def mistake_of(report: pytest.TestReport, error: BaseException | None, lab: Lab | None) -> str | None:
    """The mistake by which this phase ended, or that the scenario has made; None where there is none."""
    if isinstance(error, pytest.FixtureLookupError):
        hint = f"{_near(str(error.argname), FIXTURES)}; others stand in a conftest.py"
        return f"the scenario asks for a fixture {error.argname!r}, and there is none of that name: {hint}"
    if isinstance(error, ModelError):
        return str(error)
    if report.when != "call":
        return None
    if report.passed and lab is not None and not lab.verdicts:
        return f"the scenario has judged nothing, so it proves nothing: {_JUDGE}"
    plain = isinstance(error, AssertionError) and not isinstance(error, CheckFailed)
    if plain and (lab is None or not lab.verdicts):
        told = str(error).partition("\n")[0]
        said = f"its assert ({told})" if told else "its assert"
        return f"the scenario has judged nothing, and {said} is no verdict on the forwarder: {_JUDGE}"
    return None


def check_names(item: pytest.Item, needed: Sequence[str]) -> None:
    """CheckError where a scenario names a requirement, a feature or an invariant that there is not."""
    for name in selection.unknown_of(item):
        meant = requirement_id(name)
        hint = f"it is written {meant}" if meant is not None else nearest_ids(name)
        raise CheckError(
            f"the scenario names the requirement {name}, which the catalogue does not know: {hint}; "
            "rows of your own come with --catalogue FILE"
        )
    for name in strangers(needed):
        raise CheckError(f"the scenario needs {name!r}, which no profile knows: {_near(name, _NEEDS)}")
    for name in selection.breaks_of(item):
        if name not in NAMES:
            raise CheckError(f"the scenario breaks {name!r}, which is no standing invariant: {_near(name, NAMES)}")


def _near(name: str, among: Sequence[str]) -> str:
    near = get_close_matches(name, among, n=1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(among)}"
