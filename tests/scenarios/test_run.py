from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, cast

import pytest

from scenarios.options import RunOptions
from scenarios.profile import load_profile
from scenarios.record import blank_record
from scenarios.run import Run
from scenarios.secrets import Secrets
from tests.scenarios.fake_config import config

ID = "http/test_api.py::test_kept"
When = Literal["setup", "call", "teardown"]


def run(folder: Path, **given: Any) -> Run:
    return Run(config("/suites", **given), RunOptions(seed=7, profile=load_profile(None)), folder)


def report(outcome: str, when: When = "call", id_: str = ID, **more: Any) -> pytest.TestReport:
    """What a worker sends of one phase of a scenario."""
    record = {**blank_record(id_, outcome, more.pop("message", None)), **more}
    phase: Any = {"unknown": "failed", "not applicable": "skipped"}.get(outcome, outcome)
    return pytest.TestReport(
        id_, (id_, 0, ""), {}, phase, None, when, user_properties=[("uplab", record)], duration=0.25
    )


def tell(told: Run, *outcomes: str, id_: str = ID) -> None:
    for outcome, when in zip(outcomes, ("setup", "call", "teardown"), strict=False):
        told.pytest_runtest_logreport(report(outcome, cast(When, when), id_))


def finish(told: Run, status: int) -> tuple[int, dict[str, Any]]:
    session = SimpleNamespace(exitstatus=status)
    told.pytest_sessionfinish(cast(pytest.Session, session), status)
    stored = json.loads((told.folder / "run.json").read_text())
    assert stored["exit_code"] == session.exitstatus
    return session.exitstatus, {scenario["id"]: scenario for scenario in stored["scenarios"]}


@pytest.mark.parametrize(
    ("phases", "status", "outcome", "code"),
    [
        (("passed", "passed", "passed"), 0, "passed", 0),
        (("passed", "failed", "passed"), 1, "failed", 1),
        (("passed", "unknown", "passed"), 1, "unknown", 10),
        (("passed", "unknown", "failed"), 1, "failed", 1),
        (("passed", "passed", "failed"), 1, "failed", 1),
        (("not applicable", "passed", "passed"), 0, "not applicable", 0),
        (("passed", "passed", "passed"), 1, "passed", 1),  # something failed outside of every scenario
    ],
)
def test_worst_phase_decides(tmp_path: Path, phases: tuple[str, ...], status: int, outcome: str, code: int) -> None:
    told = run(tmp_path)
    tell(told, *phases)

    assert finish(told, status)[0] == code
    assert told.scenarios[ID]["outcome"] == outcome
    assert told.scenarios[ID]["duration_s"] == 0.75


def test_failure_outweighs_an_unknown(tmp_path: Path) -> None:
    told = run(tmp_path)
    tell(told, "passed", "unknown", "passed", id_="a.py::test_a")
    tell(told, "passed", "failed", "passed", id_="a.py::test_b")

    assert finish(told, 1)[0] == 1


@pytest.mark.parametrize("phases", [("passed",), ("passed", "passed")])
def test_scenario_that_did_not_end_is_unknown(tmp_path: Path, phases: tuple[str, ...]) -> None:
    told = run(tmp_path)
    tell(told, *phases)

    code, stored = finish(told, 2)

    assert code == 2
    assert stored[ID]["outcome"] == "unknown"
    assert stored[ID]["reason"] == "the run was stopped before the scenario had ended"


def test_scenario_of_a_crashed_worker_has_failed(tmp_path: Path) -> None:
    secret = Secrets(7).hex("x")
    told = run(tmp_path)
    told.pytest_runtest_logreport(report("passed", "setup", requirements=["HTTP-01"]))
    crash: Any = "???"
    told.pytest_runtest_logreport(
        pytest.TestReport(ID, (ID, None, ""), {}, "failed", f"worker 'gw0' crashed with {secret}", crash)
    )

    code, stored = finish(told, 1)

    assert code == 1
    assert (stored[ID]["outcome"], stored[ID]["requirements"]) == ("failed", ["HTTP-01"])
    assert stored[ID]["message"].startswith("worker 'gw0' crashed with SECRET-")


def test_first_reason_and_all_verdicts_are_kept(tmp_path: Path) -> None:
    told = run(tmp_path)
    told.pytest_runtest_logreport(report("passed", "setup"))
    told.pytest_runtest_logreport(report("failed", "call", message="one is missing", verdicts=[{"examined": 1}]))
    told.pytest_runtest_logreport(report("failed", "teardown", message="cannot be removed"))

    _, stored = finish(told, 1)

    assert (stored[ID]["reason"], stored[ID]["verdicts"]) == ("one is missing", [{"examined": 1}])


@pytest.mark.parametrize("status", [2, 3, 4])
def test_run_that_was_stopped_keeps_pytests_code(tmp_path: Path, status: int) -> None:
    told = run(tmp_path, gate=True)
    tell(told, "passed", "failed", "passed")

    assert finish(told, status)[0] == status


def test_gate_and_known_failures_judge_the_end(tmp_path: Path) -> None:
    (tmp_path / "known.txt").write_text(ID)
    told = run(tmp_path, known_failing=str(tmp_path / "known.txt"), gate=True, must_apply=["HTTP-09"])
    tell(told, "passed", "failed", "passed")

    assert finish(told, 1)[0] == 1
    assert told.lines == [
        "gate: 0 checks examined something, at least 1 are wanted",
        "gate: HTTP-09 must apply, but is proven by no scenario of this run",
    ]
    assert json.loads((tmp_path / "run.json").read_text())["gate"] == told.lines


def test_lab_that_did_not_start_is_said_once(tmp_path: Path) -> None:
    told = run(tmp_path, gate=True)
    for number in range(3):
        id_ = f"a.py::test_{number}"
        told.pytest_runtest_logreport(report("failed", "setup", id_, message="it died", no_lab="it died"))
        told.pytest_runtest_logreport(report("passed", "teardown", id_))

    code, stored = finish(told, 1)

    assert (code, told.lines) == (1, ["it died"])
    assert "no_lab" not in stored["a.py::test_0"]


def test_empty_selection_says_what_was_asked_for(tmp_path: Path) -> None:
    told = run(tmp_path, only=["http"], requirement=["HTTP-09"], keyword="word", markexpr="smoke")

    assert finish(told, 5)[0] == 5
    assert told.lines == [
        "nothing was run: no scenario is selected by --only http --requirement HTTP-09 -k 'word' -m 'smoke' in /suites"
    ]


def test_wrong_usage_that_a_worker_found_ends_the_run_as_such(tmp_path: Path) -> None:
    told = run(tmp_path)
    told.pytest_testnodedown(SimpleNamespace(workeroutput={"uplab_usage": "--only: there is no suite x"}))
    told.pytest_testnodedown(SimpleNamespace())

    assert finish(told, 5)[0] == 4
    assert told.lines == ["--only: there is no suite x"]


def test_suite_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    told = run(tmp_path)
    told.pytest_collectreport(pytest.CollectReport("http/test_a.py", "passed", None, []))
    told.pytest_collectreport(
        pytest.CollectReport("http/test_b.py", "failed", cast(Any, "import x\nE   NameError: no x\n"), [])
    )

    assert told.lines == ["http/test_b.py cannot be read: NameError: no x"]
