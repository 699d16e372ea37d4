"""The plugin as its users meet it: whole runs of small suites, each in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.scenarios.conftest import WaitUntil
from tests.scenarios.suite_runs import UPLAB, Ended, environment, read_allure, run_suite, uplab, write_suite

KEPT = "def test_kept(): pass\n"
BROKEN = "from uplab.scenarios import CheckFailed\ndef test_broken(): raise CheckFailed('1 is not 2')\n"
ODD = """
import pytest
from uplab.scenarios.checks.verdict import CheckUnknown

@pytest.fixture
def given():
    raise CheckUnknown("not given")

@pytest.fixture
def taken():
    yield
    assert False

def test_given(given): pass

def test_taken(taken): pass

@pytest.mark.requirement("HTTP-99")
def test_requirement(): pass

@pytest.mark.needs("wings")
def test_feature(): pass

@pytest.mark.breaks("none thrice")
def test_breaks(): pass
"""
UNCLEAR = """
def test_unclear():
    from uplab.scenarios.checks.verdict import CheckUnknown
    raise CheckUnknown('too little')
"""
BROKE = """
def test_named(): surprise()
def test_without(nothing_gives_this): pass
"""


@pytest.mark.parametrize(
    ("source", "arguments", "code", "outcomes"),
    [
        (KEPT + UNCLEAR, [], 10, {"kept": "passed", "unclear": "unknown"}),
        (
            ODD,
            [],
            1,
            {"given": "unknown", "taken": "failed", "requirement": "error", "feature": "error", "breaks": "error"},
        ),
        (KEPT + UNCLEAR + BROKE, [], 6, {"kept": "passed", "unclear": "unknown", "named": "error", "without": "error"}),
        ("import os\ndef test_it(): os._exit(3)\n", ["-n", "1", "--max-worker-restart=0"], 1, {"it": "failed"}),
    ],
    ids=["unknown", "odd", "error", "crash"],
)
def test_exit_code_follows_the_outcomes(
    tmp_path: Path, source: str, arguments: list[str], code: int, outcomes: dict[str, str]
) -> None:
    ended = run_suite(write_suite(tmp_path, test_it=source), *arguments)

    assert (ended.code, ended.outcomes) == (code, outcomes)


def test_requirement_selects_what_proves_it(tmp_path: Path) -> None:
    write_suite(
        tmp_path,
        alpha__test_a="import pytest\n@pytest.mark.requirement('HTTP-01', 'HTTP-02')\ndef test_one(): pass\n" + BROKEN,
        beta__test_b="import pytest\npytestmark = pytest.mark.requirement('HTTP-02')\ndef test_two(): pass\n",
    )
    assert run_suite(tmp_path, "--requirement", "HTTP-02", "--only", "beta").outcomes == {"two": "passed"}


@pytest.mark.parametrize("more", [[], ["-n", "1"], ["--gate"]], ids=["alone", "in a worker", "with the gate"])
def test_selection_of_nothing_is_one_clear_line_and_no_run(tmp_path: Path, more: list[str]) -> None:
    write_suite(tmp_path, alpha__test_a=KEPT, beta__test_b=KEPT)

    ended = run_suite(tmp_path, "--requirement", "http-01", "--only", "Beta", *more)

    assert ended.code == 5
    assert ended.said == ["uplab: nothing was run: no scenario is selected by --only beta --requirement HTTP-01 in ."]
    assert list((tmp_path / "runs").iterdir()) == []


@pytest.mark.parametrize("more", [[], ["-n", "1"]], ids=["one process", "a worker"])
def test_suite_and_requirement_are_found_in_any_case(tmp_path: Path, more: list[str]) -> None:
    source = "import pytest\n@pytest.mark.requirement('HTTP-01')\ndef test_one(): pass\n" + BROKEN

    ended = run_suite(write_suite(tmp_path, Alpha__test_a=source), "--only", "ALPHA", "--requirement", "http-01", *more)

    assert ended.outcomes == {"one": "passed"}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["--requirement", "HTTP-99"],
            r"ERROR: --requirement: there is no requirement HTTP-99; there are HTTP-01 to HTTP-23",
        ),
        (
            ["--only", "alpah"],
            r"ERROR: --only: there is no suite alpah; did you mean alpha\? There are .*",
        ),
        (["--only", "q", "-n", "1"], r"ERROR: --only: there is no suite q; there are alpha, scenarios"),
        (["--forwarder-profile", "typo.toml"], r"ERROR: the profile typo\.toml: .*did you mean thingsboard\?"),
        (["--base-port", "18080", "-n", "1"], r"ERROR: --base-port names fixed ports, which workers cannot share.*"),
        (["--report-dir", "typo.toml"], r"ERROR: --report-dir .*typo\.toml: File exists"),
        (["--must-apply", "HTTP-01"], r"ERROR: --must-apply is part of --gate: add --gate"),
        (["--sed", "5"], r"uplab: there is no option --sed; did you mean --seed\?"),
    ],
    ids=["requirement", "suite", "suite in a worker", "profile", "ports", "report dir", "gate", "misspelt"],
)
def test_wrong_usage_is_one_clear_line(tmp_path: Path, arguments: list[str], line: str) -> None:
    write_suite(tmp_path, test_it=KEPT, alpha__test_a=KEPT)
    (tmp_path / "typo.toml").write_text('name = "x"\n[features]\nthingsbord = true\n')

    ended = run_suite(tmp_path, *arguments)

    assert (ended.code, ended.out) == (4, "")
    assert re.fullmatch(line, ended.err.strip())
    assert not (tmp_path / "runs").exists()


def test_seed_repeats_the_order(tmp_path: Path) -> None:
    write_suite(tmp_path, test_it="\n".join(f"def test_{n}(): pass" for n in range(12)))

    def order(*arguments: str) -> tuple[int, list[str]]:
        ended = run_suite(tmp_path, "--shuffle", "-v", *arguments)
        record = ended.record
        assert f"seed {record['seed']}, " in ended.out
        assert record["random_order"] is True
        return record["seed"], re.findall(r"::(test_\d+) ", ended.out)

    seed, first = order("-o", "addopts=--import-mode=importlib")
    assert sorted(first) != first
    assert order("-o", "addopts=--import-mode=importlib", "--seed", str(seed)) == (seed, first)


@pytest.fixture(scope="module")
def in_ci(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """A run as a CI job of GitHub would make it, with a known failure and an Allure folder of its own."""
    folder = write_suite(tmp_path_factory.mktemp("ci"), alpha__test_it=KEPT + BROKEN)
    (folder / "known.txt").write_text("# since May\nalpha/test_it.py::test_broken\n")
    variables = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
    arguments = ["--known-failing", str(folder / "known.txt"), "--alluredir", str(folder / "mine")]
    return run_suite(folder, *arguments, GITHUB_WORKSPACE=str(folder), **variables)


def test_known_failure_is_no_red_run(in_ci: Ended) -> None:
    assert in_ci.outcomes == {"kept": "passed", "broken": "failed"}
    assert in_ci.code == in_ci.record["exit_code"] == 0


def test_github_gets_its_summary_and_annotations(in_ci: Ended) -> None:
    assert "::error file=alpha/test_it.py,line=3,title=failed%3A broken::" in in_ci.out
    assert "1 of 2 scenarios failed" in (in_ci.folder.parent.parent / "summary.md").read_text()


def test_allure_folder_of_the_user_is_kept(in_ci: Ended) -> None:
    assert sorted(read_allure(in_ci.folder.parent.parent / "mine")) == ["broken", "kept"]
    assert not (in_ci.folder / "allure-results").exists()


def test_gate_makes_an_empty_run_red_also_without_allure(tmp_path: Path) -> None:
    ended = run_suite(write_suite(tmp_path, test_it=KEPT), "-p", "no:allure_pytest", UPLAB_GATE="1")

    assert (ended.code, ended.outcomes) == (1, {"kept": "passed"})
    assert "gate: 0 checks examined something, at least 1 are wanted" in ended.out
    assert not (ended.folder / "allure-results").exists()


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_forwarder_that_dies_at_its_start_is_told_once(tmp_path: Path, workers: list[str]) -> None:
    source = "".join(f"def test_{n}(lab): pass\n" for n in range(4)) + KEPT
    (tmp_path / "dies.py").write_text("import sys\nopen('../starts', 'a').write('x')\nsys.exit('no licence')")
    command = f"python3 {tmp_path / 'dies.py'}"

    ended = run_suite(write_suite(tmp_path, test_it=source), *workers, "--forwarder-command", command)

    assert (ended.code, ended.err) == (3, "")
    begin = ended.out.index("uplab: the forwarder did not start: it ended with exit code 1 before it was ready\n")
    told = ended.out[begin:].splitlines()[1:]
    assert [line[:12] for line in told] == [
        "  command   ",
        "  run in    ",
        "  said      ",
        "  log       ",
        "  to try    ",
    ]
    assert told[::2][:2] == [f"  command   {command}", "  said      no licence"]
    assert "?" not in ended.out[:begin]  # no progress of what was not judged
    log = Path(told[3].removeprefix("  log       "))
    assert log.read_text().strip() == "no licence"
    assert "Traceback" not in ended.out
    assert "INTERNALERROR" not in ended.out
    (folder,) = (tmp_path / "runs").iterdir()  # and no `latest`: nothing was judged
    assert log.is_relative_to(folder)
    judged = Ended(ended.code, "", "", folder)
    assert "0" in judged.outcomes
    assert set(judged.outcomes.values()) == {"unknown"}
    assert len(judged.outcomes) + len(judged.record["not_reached"]) == 5
    assert len((folder / "starts").read_text()) <= max(1, len(workers))  # once a worker, not once a scenario


def test_run_with_workers_says_nothing_of_its_machinery(tmp_path: Path) -> None:
    ended = run_suite(write_suite(tmp_path, test_it=KEPT), "-n", "2")

    assert ended.out.splitlines()[0] == f"uplab: seed {ended.record['seed']}, forwarder reference, 2 workers"
    assert "bringing up nodes" not in ended.out + ended.err


def test_each_scenario_is_named_with_v(tmp_path: Path) -> None:
    ended = run_suite(write_suite(tmp_path, alpha__test_it=KEPT + BROKEN), "-v")

    assert [(words[0], *words[2:]) for words in map(str.split, ended.said[:2])] == [
        ("passed", "s", "alpha:", "kept"),
        ("failed", "s", "alpha:", "broken"),
    ]
    assert "test session starts" not in ended.out


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_stop_at_the_first_failure_has_failed(tmp_path: Path, workers: list[str]) -> None:
    source = BROKEN + "".join(f"def test_{n}(): pass\n" for n in range(40))

    ended = run_suite(write_suite(tmp_path, alpha__test_it=source), "-x", *workers)

    assert ended.code == 1
    assert ended.outcomes["broken"] == "failed"
    reached, left = len(ended.outcomes), len(ended.record["not_reached"])
    assert reached + left == 41
    assert left > 0
    assert f"1 of {reached} scenario" in ended.out
    assert f"; {left} not reached" in ended.out
    assert " --maxfail 1 alpha/test_it.py" not in ended.record["repeat"]
    assert ended.record["repeat"].endswith(f"{' -n 2' if workers else ''} --maxfail 1 .")


def test_what_failed_is_run_again_and_repeated_by_name(tmp_path: Path) -> None:
    write_suite(tmp_path, alpha__test_it=KEPT + BROKEN)
    run_suite(tmp_path)

    ended = run_suite(tmp_path, "--lf", "--seed", "7")

    assert ended.outcomes == {"broken": "failed"}
    assert ended.record["repeat"] == "uplab run --seed 7 --look no alpha/test_it.py::test_broken"
    again = uplab(tmp_path, *ended.record["repeat"].split()[1:], "--report-dir", str(tmp_path / "runs"))
    assert again.outcomes == {"broken": "failed"}


def test_scenario_is_recorded_with_its_place(tmp_path: Path) -> None:
    source = "import pytest\n\n@pytest.mark.parametrize('x', [1, 2])\n@pytest.mark.smoke\ndef test_kept(x): pass\n"

    ended = run_suite(write_suite(tmp_path, alpha__test_it=source))

    places = {(scenario["path"], scenario["line"]) for scenario in ended.record["scenarios"]}
    assert places == {("alpha/test_it.py", 5)}


def test_lab_port_in_use_is_one_clear_line(tmp_path: Path) -> None:
    import socket

    write_suite(tmp_path, test_it="def test_it(lab): pass\n")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = run_suite(tmp_path, "--base-port", str(min(taken.getsockname()[1], 65500)))

    assert ended.code == 3
    (said,) = [line for line in ended.said if line.startswith("uplab: ")]
    assert said.startswith("uplab: the lab cannot be started: port ")
    assert "is in use already" in said


LONG = """
    def test_kept(lab):
        lab.expect("one is one", True, "1")
    def test_long(lab):
        (lab.folder.parent / "forwarder.pid").write_text(str(lab.forwarder.pid))
        said = {"method": "GET", "path": "/", "status": 404, "headers": [], "raw": lab.as_key.encode()}
        lab.history.emit("api.answered", said)  # what breaks a standing invariant takes no report away
        (lab.folder.parent / "begun").touch()
        lab.history.wait_for(lambda event: False, timeout_s=60)
    def test_later(lab):
        pass
"""


def stopped(folder: Path, wait_until: WaitUntil, when: str, number: signal.Signals, *arguments: str) -> Ended:
    """A run that is sent a signal, with its workers, as a terminal does, as soon as this file is there."""
    process = subprocess.Popen(
        [UPLAB, "run", str(folder), "--report-dir", str(folder / "runs"), *arguments],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        wait_until(lambda: list(folder.glob(when)) or process.poll() is not None)
        os.killpg(process.pid, number)
        out, err = process.communicate(timeout=30)
    return Ended(process.returncode, out, err, folder / "runs" / "latest")


@pytest.mark.parametrize("workers", [[], ["-n", "1"]], ids=["one process", "a worker"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_run_that_is_stopped_stops_its_lab_and_reports(
    tmp_path: Path, number: signal.Signals, workers: list[str], wait_until: WaitUntil
) -> None:
    ended = stopped(write_suite(tmp_path, test_it=LONG), wait_until, "runs/begun", number, *workers)

    assert ended.code == ended.record["exit_code"] == 2
    assert ended.outcomes == {"kept": "passed", "long": "unknown"}
    assert ended.scenario("long")["reason"] == "the run was stopped before the scenario had ended"
    assert (ended.folder / "report.html").exists()
    assert "the run was stopped before its end" in " ".join(ended.out.split())
    assert ([one["title"] for one in ended.record["not_reached"]], "1 not reached" in ended.out) == (["later"], True)
    assert ended.err == ""
    assert "KeyboardInterrupt" not in ended.out
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "runs" / "forwarder.pid").read_text()), 0)


SLOW = """
    import pathlib, threading
    (pathlib.Path(__file__).parent / "collecting").touch()
    {wait}
    def test_long():
        (pathlib.Path(__file__).parent / "begun").touch()
        threading.Event().wait(60)
"""


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])
@pytest.mark.parametrize("when", ["collecting", "begun"])
def test_run_that_is_stopped_early_is_one_clear_line(
    tmp_path: Path, when: str, workers: list[str], wait_until: WaitUntil
) -> None:
    source = SLOW.format(wait="threading.Event().wait(60)" if when == "collecting" else "")

    ended = stopped(write_suite(tmp_path, test_it=source), wait_until, when, signal.SIGINT, *workers)

    assert ended.code == 2
    assert ended.said == ["uplab: stopped before the first scenario ended"]
    assert list((tmp_path / "runs").iterdir()) == []


def test_suite_that_cannot_be_read_is_one_clear_line(tmp_path: Path) -> None:
    ended = run_suite(write_suite(tmp_path, test_it="import nowhere_to_be_found\n"))

    assert ended.code == 2
    assert "uplab: test_it.py cannot be read: ModuleNotFoundError: No module named 'nowhere_to_be_found'" in ended.out


def test_list_of_scenarios_is_no_run(tmp_path: Path) -> None:
    ended = run_suite(write_suite(tmp_path, test_it=KEPT), "--collect-only")

    assert ended.code == 0
    assert ended.out.splitlines()[0] == "test_it.py::test_kept"
    assert not (tmp_path / "runs").exists()


def test_plugin_sleeps_in_other_test_runs(tmp_path: Path) -> None:
    write_suite(tmp_path, test_it="import pytest\n@pytest.mark.requirement('X')\ndef test_kept(): pass\n")
    ended = subprocess.run(
        [
            str(Path(UPLAB).with_name("python")),
            "-m",
            "pytest",
            "-c",
            os.devnull,
            f"--rootdir={tmp_path}",
            str(tmp_path),
        ],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0
    assert "uplab: seed" not in ended.stdout
    assert not (tmp_path / "reports").exists()
