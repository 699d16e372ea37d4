from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, cast

import pytest

from tests.scenarios.fake_config import config
from uplab.scenarios.history.secrets import Secrets
from uplab.scenarios.run.controller import Run
from uplab.scenarios.run.record import blank_record, write_selected
from uplab.scenarios.run.suites import SUITES
from uplab.scenarios.under_test.profile import load_profile
from uplab.scenarios.under_test.target import RunOptions

ID = "http/test_api.py::test_kept"
When = Literal["setup", "call", "teardown"]


def run(folder: Path, **given: Any) -> Run:
    (folder / "runs" / "this").mkdir(parents=True)
    args = given.pop("args", ["/"])
    return Run(config(*args, **given), RunOptions(seed=7, profile=load_profile(None)), folder / "runs" / "this")


def report(outcome: str, when: When = "call", id_: str = ID, **more: Any) -> pytest.TestReport:
    """What a worker sends of one phase of a scenario."""
    record = {**blank_record(id_, outcome, more.pop("message", None)), **more}
    phase: Any = {"unknown": "failed", "error": "failed", "not applicable": "skipped"}.get(outcome, outcome)
    return pytest.TestReport(
        id_, (id_, 0, ""), {}, phase, None, when, user_properties=[("uplab", record)], duration=0.25
    )


def tell(told: Run, *outcomes: str, id_: str = ID) -> None:
    for outcome, when in zip(outcomes, ("setup", "call", "teardown"), strict=False):
        told.pytest_runtest_logreport(report(outcome, cast(When, when), id_))


def finish(told: Run, status: int) -> tuple[int, dict[str, Any]]:
    code = told.finish(status)
    stored = json.loads((told.folder / "run.json").read_text())
    assert stored["exit_code"] == code
    return code, {scenario["id"]: scenario for scenario in stored["scenarios"]}


def stored(told: Run) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((told.folder / "run.json").read_text())
    return record


@pytest.mark.parametrize(
    ("phases", "status", "outcome", "code"),
    [
        (("passed", "passed", "passed"), 0, "passed", 0),
        (("passed", "failed", "passed"), 1, "failed", 1),
        (("passed", "unknown", "passed"), 1, "unknown", 10),
        (("passed", "unknown", "failed"), 1, "failed", 1),
        (("passed", "error", "unknown"), 1, "error", 6),
        (("passed", "error", "failed"), 1, "failed", 1),
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
    assert stored(told)["gate"] == told.lines


def test_lab_that_did_not_start_is_said_once(tmp_path: Path) -> None:
    told = run(tmp_path, gate=True)
    for number in range(3):
        id_ = f"a.py::test_{number}"
        told.pytest_runtest_logreport(report("unknown", "setup", id_, no_lab="it died\n  command   mine"))
        told.pytest_runtest_logreport(report("passed", "teardown", id_))

    code, stored = finish(told, 1)

    assert (code, told.lines) == (3, ["it died", "  command   mine"])
    assert "no_lab" not in stored["a.py::test_0"]


def test_empty_selection_says_what_was_asked_for(tmp_path: Path) -> None:
    told = run(tmp_path, only=["http"], requirement=["HTTP-09"], keyword="word", markexpr="smoke")

    assert finish(told, 5)[0] == 5
    assert told.lines == [
        "nothing was run: no scenario is selected by "
        "--only http --requirement HTTP-09 -k 'word' -m 'smoke' in the suites"
    ]


@pytest.mark.parametrize(("error", "said"), [("crashed", True), ("keyboard-interrupt", False), (None, False)])
def test_worker_that_went_down_by_itself_is_said(tmp_path: Path, error: str | None, said: bool) -> None:
    told = run(tmp_path)
    told.pytest_testnodedown(SimpleNamespace(gateway=SimpleNamespace(id="gw1")), error)

    assert told.lines == (["worker gw1 went down: crashed"] if said else [])


def test_failure_outweighs_a_lab_that_did_not_start(tmp_path: Path) -> None:
    told = run(tmp_path)
    tell(told, "passed", "failed", "passed", id_="a.py::test_a")
    told.pytest_runtest_logreport(report("unknown", "setup", no_lab="it died"))

    assert finish(told, 2)[0] == 1


@pytest.mark.parametrize(("given", "failed", "code"), [({"maxfail": 1}, 1, 1), ({"maxfail": 2}, 1, 2), ({}, 1, 2)])
def test_stop_at_the_first_failure_is_no_interruption(
    tmp_path: Path, given: dict[str, Any], failed: int, code: int
) -> None:
    told = run(tmp_path, **given)
    tell(told, "passed", *["failed"] * failed, "passed")

    assert finish(told, 2)[0] == code


def test_stop_before_the_first_end_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    told = run(tmp_path)
    told.pytest_runtest_logreport(report("passed", "setup"))

    assert finish(told, 2)[0] == 2
    assert told.lines == ["stopped before the first scenario ended"]
    assert not (told.folder.parent / "latest").exists()
    told.pytest_unconfigure()
    assert not told.folder.exists()


def test_stop_before_the_run_began_is_said_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = run(tmp_path)
    told.pytest_unconfigure()

    assert capsys.readouterr().err == "\nuplab: stopped before the first scenario ended\n"
    assert not told.folder.exists()


def test_latest_is_the_newest_run_that_judged_something(tmp_path: Path) -> None:
    told = run(tmp_path)
    latest = told.folder.parent / "latest"
    tell(told, "passed", "passed", "passed")
    told.pytest_runtest_logreport(report("passed", "setup", "a.py::test_long"))
    assert not latest.exists()

    assert finish(told, 2)[0] == 2

    assert latest.resolve() == told.folder
    told.pytest_unconfigure()
    assert told.folder.exists()


def test_log_of_a_forwarder_that_did_not_start_is_kept(tmp_path: Path) -> None:
    told = run(tmp_path)
    told.pytest_runtest_logreport(report("unknown", "setup", no_lab="it died"))
    told.pytest_runtest_logreport(report("passed", "teardown"))
    finish(told, 2)
    told.pytest_unconfigure()

    assert told.folder.exists()
    assert not (told.folder.parent / "latest").exists()


def test_what_was_selected_but_not_reached_is_told(tmp_path: Path) -> None:
    told = run(tmp_path)
    write_selected(told.folder, [(ID, []), ("http/test_api.py::test_later", ["HTTP-01"])])
    tell(told, "passed", "passed", "passed")
    finish(told, 2)

    assert stored(told)["not_reached"] == [
        {"id": "http/test_api.py::test_later", "title": "later", "suite": "http", "requirements": ["HTTP-01"]}
    ]
    assert [path.name for path in told.folder.glob("*selected*")] == []


ASKED: list[tuple[dict[str, Any], str]] = [
    ({}, ""),
    ({"only": ["http", "downlink"]}, " --only http --only downlink"),
    ({"requirement": ["HTTP-06"], "keyword": "not slow"}, " --requirement HTTP-06 -k 'not slow'"),
    ({"markexpr": "smoke", "numprocesses": 2, "maxfail": 1}, " -m smoke -n 2 --maxfail 1"),
    ({"shuffle": True, "gate": True, "must-apply": ["DL-04"]}, " --must-apply DL-04 --shuffle --gate"),
    ({"deselect": ["a.py::b"], "gate_checks": "9"}, " --deselect a.py::b --gate-checks 9"),
    ({"args": ["/http/test_api.py::test_a[x y]"]}, " '/http/test_api.py::test_a[x y]'"),
    ({"lf": True, "keyword": "kept"}, f" -k kept {ID}"),
]


@pytest.mark.parametrize(("given", "words"), ASKED, ids=[words.strip() or "all" for _, words in ASKED])
def test_repeat_asks_for_the_same_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], words: str
) -> None:
    for name in ("UPLAB_GATE_CHECKS", "UPLAB_GATE_FAULTS", "UPLAB_KNOWN_FAILING"):
        monkeypatch.delenv(name, raising=False)
    told = run(tmp_path, **given)
    tell(told, "passed", "passed", "passed")
    finish(told, 0)

    assert stored(told)["repeat"] == f"uplab run --seed 7{words}"
    assert stored(told)["repeat_one"] == "uplab run --seed 7"


def test_paths_are_repeated_as_they_can_be_typed(tmp_path: Path) -> None:
    told = run(tmp_path, args=[f"{SUITES}/http/test_api.py::test_a", f"{Path.cwd()}/mine"])
    finish(told, 0)

    assert stored(told)["repeat"] == "uplab run --seed 7 http/test_api.py::test_a mine"
    assert stored(told)["selection"] == "http/test_api.py::test_a, mine"


def test_suite_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    told = run(tmp_path)
    told.pytest_collectreport(pytest.CollectReport("http/test_a.py", "passed", None, []))
    told.pytest_collectreport(
        pytest.CollectReport("http/test_b.py", "failed", cast(Any, "import x\nE   NameError: no x\n"), [])
    )

    assert told.lines == ["http/test_b.py cannot be read: NameError: no x"]


def test_death_of_the_forwarder_is_a_failure_that_no_list_explains(tmp_path: Path) -> None:
    (tmp_path / "known.txt").write_text(ID)
    told = run(tmp_path, known_failing=str(tmp_path / "known.txt"), gate=True)
    died = "the forwarder ended with exit code 7 during it\n  command   mine"
    told.pytest_runtest_logreport(report("failed", "call", message=died, died=died))
    told.pytest_runtest_logreport(report("passed", "teardown"))

    code, scenarios = finish(told, 2)

    assert code == 1
    assert told.lines == ["the forwarder ended with exit code 7 during it; the run stopped there"]
    assert "died" not in scenarios[ID]


BROKEN = {"check": "none twice", "outcome": "failed", "happened": "u1 arrived again", "ids": ["u1"], "examined": 1}


def test_what_is_seen_only_later_counts_against_the_scenario_of_its_cause(tmp_path: Path) -> None:
    told = run(tmp_path)
    tell(told, "passed", "passed", "passed", id_="a.py::test_cause")
    told.pytest_runtest_logreport(report("passed", "teardown", "a.py::test_later", late=[("a.py::test_cause", BROKEN)]))

    code, scenarios = finish(told, 0)

    assert code == 1
    assert {id_: one["outcome"] for id_, one in scenarios.items()} == {
        "a.py::test_cause": "failed",
        "a.py::test_later": "passed",
    }
    assert scenarios["a.py::test_cause"]["verdicts"] == [BROKEN]
    assert "late" not in scenarios["a.py::test_later"]


def test_what_no_scenario_has_caused_makes_the_run_red_with_a_line_of_its_own(tmp_path: Path) -> None:
    told = run(tmp_path)
    told.pytest_runtest_logreport(report("passed", "teardown", late=[(None, BROKEN)]))

    code, scenarios = finish(told, 0)

    assert code == 1
    assert {one["outcome"] for one in scenarios.values()} == {"passed"}
    assert told.lines == ["none twice: u1 arrived again; no scenario is known as its cause"]


def test_what_a_scenario_has_judged_itself_is_not_said_twice(tmp_path: Path) -> None:
    told = run(tmp_path)
    told.pytest_runtest_logreport(report("failed", "call", verdicts=[BROKEN]))
    told.pytest_runtest_logreport(report("failed", "teardown", late=[(ID, BROKEN)]))

    assert finish(told, 1)[1][ID]["verdicts"] == [BROKEN]
