"""ctrf.json: what the format's readers find in it. Its members are those of the published schema, and no others."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.reports.sample import NASTY
from uplab.reports.exports.ctrf import write_ctrf
from uplab.reports.findings import find
from uplab.reports.run import Run, Unreached

# Of the schema of specification 0.0.0, whose objects take no other members: what is wanted, and what may be there.
_WANTED = {"name", "status", "duration"}
_KNOWN = _WANTED | {"testId", "suite", "message", "trace", "line", "rawStatus", "tags", "filePath", "threadId", "steps"}
_SUMMARY = {"tests", "passed", "failed", "skipped", "pending", "other", "start", "stop", "suites"}


def _written(run: Run, tmp_path: Path) -> dict[str, Any]:
    write_ctrf(find(run), tmp_path / "ctrf.json")
    report: dict[str, Any] = orjson.loads((tmp_path / "ctrf.json").read_bytes())
    return report


@pytest.fixture
def report(run: Run, tmp_path: Path) -> dict[str, Any]:
    later = Unreached("x.py::later", "later", "late", ("WGX-03",))
    return _written(replace(run, unreached=(later,)), tmp_path)


def test_only_what_the_schema_knows_is_written(report: dict[str, Any]) -> None:
    assert set(report) == {"reportFormat", "specVersion", "generatedBy", "results"}
    assert report["reportFormat"] == "CTRF"
    assert set(report["results"]) == {"tool", "summary", "tests", "environment"}
    assert set(report["results"]["summary"]) == _SUMMARY
    assert set(report["results"]["environment"]) <= {"appName", "appVersion", "commit", "testEnvironment"}
    for test in report["results"]["tests"]:
        assert _WANTED <= set(test) <= _KNOWN
        assert type(test["duration"]) is int
        assert all(set(step) == {"name", "status"} for step in test.get("steps", ()))


def test_summary_agrees_with_the_tests(report: dict[str, Any], run: Run) -> None:
    summary, tests = report["results"]["summary"], report["results"]["tests"]

    assert summary["tests"] == len(tests) == len(run.scenarios) + 1
    for status in ("passed", "failed", "skipped", "pending", "other"):
        assert summary[status] == sum(test["status"] == status for test in tests)
    assert summary["failed"] == len(run.of("failed"))
    assert summary["other"] == len(run.of("unknown"))
    assert summary["stop"] - summary["start"] == round(run.duration_s * 1000)


def test_each_says_what_it_proves_and_why_it_went_wrong(report: dict[str, Any], run: Run) -> None:
    tests = {test["testId"]: test for test in report["results"]["tests"]}
    why = find(run).cause_ids

    for scenario in run.scenarios:
        test = tests[scenario.id]
        assert test["rawStatus"] == scenario.outcome
        assert test["tags"][: len(scenario.requirements)] == list(scenario.requirements)
        assert (f"cause {why.get(scenario.id)}" in test["tags"]) == (scenario.id in why)
        assert ("message" in test) == (scenario.outcome != "passed")


def test_hostile_text_is_shown_by_its_escapes(run: Run, tmp_path: Path) -> None:
    hostile = replace(run.of("failed")[0], title=NASTY, message=NASTY, reason=NASTY, verdicts=())

    report = _written(replace(run, scenarios=(hostile,)), tmp_path)

    assert not {"\x1b", "\x00", "\u202e"} & set(str(report["results"]["tests"]))
