"""ctrf.json: the verdicts in the Common Test Report Format, which many dashboards read (specification 0.0.0)."""

from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from uplab.reports.findings import Findings
from uplab.reports.run import Scenario
from uplab.reports.text import shorten, visible

__all__ = ["write_ctrf"]

# The format has no word for what could not be decided: "other" is neither a pass nor skipped.
_STATUS = {"passed": "passed", "failed": "failed", "error": "other", "unknown": "other", "not applicable": "skipped"}
_TEXT = 20_000  # characters of one message


def write_ctrf(found: Findings, path: Path) -> None:
    """Writes one test for each scenario; what was not reached is pending. Durations are milliseconds."""
    run, why = found.run, found.cause_ids
    start_ms = _start_ms(run.started)
    tests = [_test(one, why.get(one.id)) for one in run.scenarios]
    tests += [
        {"name": one.title, "status": "pending", "duration": 0, "suite": [one.suite], "testId": one.id}
        for one in run.unreached
    ]
    counts = {
        status: sum(test["status"] == status for test in tests)
        for status in ("passed", "failed", "skipped", "pending", "other")
    }
    environment = {
        "appName": run.forwarder.name,
        "appVersion": run.forwarder.version,
        "commit": run.commit,
        "testEnvironment": f"profile {run.forwarder.profile}, seed {run.seed}",
    }
    report = {
        "reportFormat": "CTRF",
        "specVersion": "0.0.0",
        "generatedBy": "uplab",
        "results": {
            "tool": {"name": "uplab", "version": run.version},
            "summary": {
                "tests": len(tests),
                **counts,
                "suites": len({*run.suites(), *run.unreached_suites()}),
                "start": start_ms,
                "stop": start_ms + round(run.duration_s * 1000),
            },
            "tests": tests,
            "environment": {key: visible(value) for key, value in environment.items() if value},
        },
    }
    path.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))


def _test(scenario: Scenario, cause: str | None) -> dict[str, Any]:
    test: dict[str, Any] = {
        "testId": scenario.id,
        "name": visible(scenario.title),
        "status": _STATUS[scenario.outcome],
        "rawStatus": scenario.outcome,
        "duration": round(scenario.duration_s * 1000),
        "suite": [visible(scenario.suite)],
        "filePath": scenario.path or scenario.file,
        "tags": [*scenario.requirements, *([f"cause {cause}"] if cause else [])],
        "threadId": scenario.worker,
        "steps": [
            {"name": visible(f"{one.check}: {one.happened}"), "status": _STATUS[one.outcome]}
            for one in scenario.verdicts
        ],
    }
    if scenario.line:
        test["line"] = scenario.line
    told = [f"{one.promised}: {one.happened}" for one in scenario.complaints] or [scenario.reason or ""]
    if scenario.outcome != "passed" and any(told):
        test["message"] = visible(shorten("\n".join(told), _TEXT))
    if scenario.message:
        test["trace"] = visible(shorten(scenario.message, _TEXT))
    return test


def _start_ms(iso: str) -> int:
    try:
        return round(datetime.fromisoformat(iso).timestamp() * 1000)
    except ValueError:
        return 0
