"""What all reports share is worked out once."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.reports.sample import make_run
from uplab.reports import findings
from uplab.reports.findings import find
from uplab.reports.run import Deviation, Run
from uplab.reports.writer import write


def test_all_reports_of_a_run_work_its_causes_out_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted(name: str) -> Callable[..., Any]:
        kept = getattr(findings, name)

        def call(*arguments: Any) -> Any:
            asked.append(name)
            return kept(*arguments)

        return call

    for name in ("causes", "compare"):
        monkeypatch.setattr(findings, name, counted(name))
    make_run(tmp_path, scenarios=3)

    write(tmp_path)

    assert asked == ["causes", "compare"]


def test_worst_cause_comes_first_unless_one_is_new(run: Run) -> None:
    found = find(run)
    last = found.causes[-1]

    assert found.first is found.causes[0]
    assert replace(found, past=replace(found.past, told={last.id: "new"})).first is last
    assert set(found.cause_ids) == {one.id for one in run.scenarios if one.outcome in ("failed", "unknown")}


def test_a_run_without_trouble_has_no_first_cause(run: Run) -> None:
    assert find(replace(run, scenarios=run.of("passed"))).first is None


def test_what_was_agreed_on_is_looked_at_last(run: Run) -> None:
    first = find(run).causes[0]
    agreed = Deviation(
        "cause", first.id, "x", "IOT-1", "team", "2027-01-31", "met", tuple(s.id for s in first.scenarios)
    )

    found = find(replace(run, deviations=(agreed,)))

    assert found.deviation_of(first) == agreed
    assert found.first is found.causes[1]
    assert set(found.deviations) == {scenario.id for scenario in first.scenarios}
    assert find(replace(run, deviations=(replace(agreed, state="overdue"),))).deviation_of(first) is None
