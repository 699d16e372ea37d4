"""The plugin as its users meet it: whole runs of small suites, each in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.scenarios.conftest import WaitUntil
from tests.scenarios.suite_runs import UPLAB, Ended, environment, read_allure, run_suite, write_suite

KEPT = "def test_kept(): pass\n"
BROKEN = "def test_broken(): assert 1 == 2\n"
ODD = """
import pytest
from scenarios.verdict import CheckUnknown

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
"""
UNCLEAR = "def test_unclear():\n    from scenarios.verdict import CheckUnknown\n    raise CheckUnknown('too little')\n"


@pytest.mark.parametrize(
    ("source", "arguments", "code", "outcomes"),
    [
        (KEPT + UNCLEAR, [], 10, {"kept": "passed", "unclear": "unknown"}),
        (ODD, [], 1, {"given": "unknown", "taken": "failed", "requirement": "failed", "feature": "failed"}),
        ("import os\ndef test_it(): os._exit(3)\n", ["-n", "1", "--max-worker-restart=0"], 1, {"it": "failed"}),
    ],
    ids=["unknown", "odd", "crash"],
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


NO_GAMMA = "--only: there is no suite gamma; there are alpha, beta"


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["--only", "beta", "--only", "gamma"], 4, NO_GAMMA),
        (["--only", "beta", "--only", "gamma", "-n", "1"], 4, NO_GAMMA),
        (
            ["--requirement", "HTTP-01", "--only", "beta"],
            5,
            "nothing was run: no scenario is selected by --only beta --requirement HTTP-01 in .",
        ),
    ],
    ids=["no suite", "no suite in a worker", "empty"],
)
def test_selection_of_nothing_is_one_clear_line(tmp_path: Path, arguments: list[str], code: int, line: str) -> None:
    write_suite(tmp_path, alpha__test_a=KEPT, beta__test_b=KEPT)

    ended = run_suite(tmp_path, *arguments)

    assert ended.code == code
    assert [said for said in ended.said if "bringing up nodes" not in said] in ([f"uplab: {line}"], [f"ERROR: {line}"])


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["--requirement", "HTTP-99"],
            r"ERROR: --requirement: there is no requirement HTTP-99; there are HTTP-01 to HTTP-22",
        ),
        (["--forwarder-profile", "typo.toml"], r"ERROR: the profile typo\.toml: .*did you mean thingsboard\?"),
        (["--base-port", "18080", "-n", "1"], r"ERROR: --base-port names fixed ports, which workers cannot share.*"),
        (["--report-dir", "typo.toml"], r"ERROR: --report-dir .*typo\.toml: File exists"),
    ],
    ids=["requirement", "profile", "ports", "report dir"],
)
def test_wrong_usage_is_one_clear_line(tmp_path: Path, arguments: list[str], line: str) -> None:
    write_suite(tmp_path, test_it=KEPT)
    (tmp_path / "typo.toml").write_text('name = "x"\n[features]\nthingsbord = true\n')

    ended = run_suite(tmp_path, *arguments)

    assert ended.code == 4
    assert re.fullmatch(line, ended.err.strip())


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
    assert "::error file=alpha/test_it.py,line=" in in_ci.out
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
def test_forwarder_that_dies_at_its_start_is_one_clear_line(tmp_path: Path, workers: list[str]) -> None:
    source = "".join(f"def test_{n}(lab): pass\n" for n in range(4)) + KEPT
    (tmp_path / "dies.py").write_text("import sys\nopen('../starts', 'a').write('x')\nsys.exit('no licence')")
    command = f"python3 {tmp_path / 'dies.py'}"

    ended = run_suite(write_suite(tmp_path, test_it=source), *workers, "--forwarder-command", command)

    assert ended.code == 1
    said = [line for line in ended.said if line.startswith("uplab: ")]
    assert len(said) == 1
    assert said[0].startswith("uplab: the forwarder ended with exit code 1 before it was ready; its last words: no lic")
    assert "Traceback" not in ended.out + ended.err
    assert "INTERNALERROR" not in ended.out + ended.err
    assert ended.outcomes == {"kept": "passed", "0": "failed", "1": "failed", "2": "failed", "3": "failed"}
    assert ended.scenario("0")["reason"].startswith("the forwarder ended with exit code 1")
    assert len((ended.folder / "starts").read_text()) == max(1, len(workers))  # once a worker, not once a scenario


def test_lab_port_in_use_is_one_clear_line(tmp_path: Path) -> None:
    import socket

    write_suite(tmp_path, test_it="def test_it(lab): pass\n")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = run_suite(tmp_path, "--base-port", str(min(taken.getsockname()[1], 65500)))

    assert ended.code == 1
    (said,) = [line for line in ended.said if line.startswith("uplab: ")]
    assert said.startswith("uplab: the lab cannot be started: error while attempting to bind on address")


LONG = """
    import os
    def test_kept(lab):
        lab.expect("one is one", True, "1")
    def test_long(lab):
        (lab.folder.parent / "forwarder.pid").write_text(str(lab.forwarder.pid))
        (lab.folder.parent / "begun").touch()
        lab.history.wait_for(lambda event: False, timeout_s=60)
    def test_later(lab):
        pass
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_run_that_is_stopped_stops_its_lab_and_reports(
    tmp_path: Path, number: signal.Signals, wait_until: WaitUntil
) -> None:
    write_suite(tmp_path, test_it=LONG)
    process = subprocess.Popen(
        [UPLAB, "run", str(tmp_path), "--report-dir", str(tmp_path / "runs")],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        wait_until(lambda: (tmp_path / "runs" / "begun").exists() or process.poll() is not None)
        process.send_signal(number)
        out, _ = process.communicate(timeout=30)
    ended = Ended(process.returncode, out, "", tmp_path / "runs" / "latest")

    assert ended.code == ended.record["exit_code"] == 2
    assert ended.outcomes == {"kept": "passed", "long": "unknown"}
    assert ended.scenario("long")["reason"] == "the run was stopped before the scenario had ended"
    assert (ended.folder / "report.html").exists()
    assert "the run was stopped before its end" in " ".join(out.split())
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "runs" / "forwarder.pid").read_text()), 0)


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
