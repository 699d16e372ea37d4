"""The plugin as its users meet it: whole runs of small suites, each in a process of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from scenarios.secrets import Secrets
from tests.scenarios.conftest import WaitUntil
from tests.scenarios.suite_runs import UPLAB, Ended, environment, run_suite, write_suite

CANARY = Secrets(7).hex("a token")
FOREIGN = 'my "own" key'  # with what JSON writes as an escape

# Every outcome once, with and without a lab, and a scenario that does all it can to show a secret.
FOUR = """
    import pytest
    from scenarios.secrets import Secrets
    from scenarios.verdict import CheckUnknown

    @pytest.mark.smoke
    @pytest.mark.requirement("HTTP-01", "HTTP-12")
    def test_kept(lab):
        '''What was promised is kept.'''
        lab.expect("one is one", True, "1")

    @pytest.mark.requirement("HTTP-02")
    def test_broken(lab):
        lab.expect("one is two", False, "1 is not 2", advice="count again")

    def test_unclear(lab):
        raise CheckUnknown("nothing was seen")

    @pytest.mark.needs("thingsboard", "pages")
    @pytest.mark.requirement("TB-01")
    def test_not_offered(lab):
        assert False

    @pytest.mark.parametrize("word", ["a/b"])
    def test_leaks(lab, word):
        secret = lab.secrets.hex("a token")
        print("printed", secret, lab.as_key)
        lab.history.emit("lab.note", {"secret": secret, "raw": secret.encode()})
        lab.verdicts.append(__import__("scenarios.checks").checks.Verdict("leak", "passed", 1, secret, lab.as_key))
        assert [secret, lab.as_key] == ["other"], secret
"""
PROFILE = """
name = "mine"
[features]
api = true
flows = true
http = true
states = true
"""
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


@pytest.fixture(scope="module", params=["one process", "two workers"])
def four(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """A run with every outcome."""
    folder = write_suite(tmp_path_factory.mktemp("four"), alpha__test_four=FOUR)
    (folder / "mine.toml").write_text(PROFILE)
    arguments = ["--seed", "7", "--forwarder-profile", str(folder / "mine.toml"), "--tb=long", "-o", "addopts=-rA"]
    arguments += ["--import-mode=importlib", "--junitxml", str(folder / "own.xml"), "-p", "no:cacheprovider"]
    workers = ["-n", "2"] if request.param == "two workers" else []
    return run_suite(folder, *arguments, *workers, UPLAB_AS_KEY=FOREIGN)


def test_four_outcomes_are_told_apart(four: Ended) -> None:
    assert four.outcomes == {
        "kept": "passed",
        "broken": "failed",
        "unclear": "unknown",
        "not offered": "not applicable",
        "leaks[a/b]": "failed",
    }
    assert four.code == four.record["exit_code"] == 1


def test_run_is_recorded_once_with_its_seed(four: Ended) -> None:
    record = four.record
    (folder,) = [path for path in four.folder.parent.iterdir() if path.name != "latest"]
    assert folder.name.endswith("-7")
    assert four.folder.resolve() == folder
    assert record["seed"] == 7
    assert (record["forwarder"]["name"], record["forwarder"]["profile"]) == ("mine", "mine")
    assert record["requirements"][0].keys() == {"id", "document", "source", "subject", "text"}
    assert four.out.splitlines()[0].startswith("uplab: seed 7, forwarder mine, report in runs/")


def test_passed_scenario_is_recorded_whole(four: Ended) -> None:
    kept = four.scenario("kept")

    assert kept["id"] == "alpha/test_four.py::test_kept"
    assert (kept["suite"], kept["requirements"]) == ("alpha", ["HTTP-01", "HTTP-12"])
    assert kept["promise"] == "What was promised is kept."
    assert (kept["reason"], kept["message"]) == (None, None)
    assert [(v["check"], v["outcome"], v["examined"]) for v in kept["verdicts"]] == [("promise", "passed", 1)]
    assert 0 < kept["duration_s"] <= kept["ended_s"] < 60


def test_failed_scenario_tells_its_promise(four: Ended) -> None:
    broken = four.scenario("broken")

    assert broken["message"].splitlines()[1:3] == ["  promised: one is two", "  happened: 1 is not 2"]
    assert [(v["outcome"], v["hop"], v["advice"]) for v in broken["verdicts"]] == [
        ("failed", "forwarder", "count again")
    ]
    assert "one is two" in four.out


def test_unknown_and_not_applicable_tell_why(four: Ended) -> None:
    assert four.scenario("unclear")["reason"] == "nothing was seen"
    assert four.scenario("not offered")["reason"] == "the profile mine does not declare thingsboard, pages"
    assert "the profile mine does not declare thingsboard, pages" in " ".join(four.out.split())


def test_each_scenario_has_its_own_history(four: Ended) -> None:
    histories = {s["title"]: s["history"] for s in four.record["scenarios"]}

    assert histories.pop("not offered") is None
    assert len(set(histories.values())) == len(histories)
    assert all((four.folder / name).exists() for name in histories.values())
    assert b'"lab.note"' in (four.folder / histories["leaks[a/b]"]).read_bytes()


def test_worker_of_each_scenario_is_named(four: Ended) -> None:
    workers = {s["worker"] for s in four.record["scenarios"]}
    logs = {path.stem for path in (four.folder / "logs").iterdir()}

    assert workers == {"main"} or workers <= {"gw0", "gw1"}
    assert logs <= {f"forwarder-{worker}" for worker in workers | {"gw0", "gw1"}}
    assert logs


def test_no_secret_is_in_any_file_or_on_the_screen(four: Ended) -> None:
    escaped = json.dumps(FOREIGN)[1:-1]
    files = [path for path in four.folder.rglob("*") if path.is_file()]
    files.append(four.folder.parent.parent / "own.xml")
    assert len(files) > 15
    for path in files:
        raw = path.read_bytes()
        assert b"5ec0de5a" not in raw.lower(), path
        assert not [form for form in (FOREIGN, escaped) if form.encode() in raw], path
    assert "5ec0de5a" not in four.out + four.err
    assert FOREIGN not in four.out + four.err
    # And what was hidden had been there: in the message, the verdict, the output, the history.
    assert b"SECRET-" in (four.folder / four.scenario("leaks[a/b]")["history"]).read_bytes()
    assert "SECRET-" in four.scenario("leaks[a/b]")["verdicts"][0]["promised"]
    assert "printed SECRET-" in four.out


def test_allure_shows_the_same_outcomes(four: Ended) -> None:
    results = {result["name"]: result for result in allure(four.folder / "allure-results")}

    assert {name: result["status"] for name, result in results.items()} == {
        "kept": "passed",
        "broken": "failed",
        "unclear": "broken",
        "not offered": "skipped",
        "leaks[a/b]": "failed",
    }
    assert "nothing was seen" in results["unclear"]["statusDetails"]["message"]
    assert "does not declare thingsboard" in results["not offered"]["statusDetails"]["message"]
    assert "promised: one is two" in results["broken"]["statusDetails"]["message"]


def test_allure_knows_suite_requirements_promise_and_history(four: Ended) -> None:
    results = {result["name"]: result for result in allure(four.folder / "allure-results")}
    kept = results["kept"]
    labels = [(label["name"], label["value"]) for label in kept["labels"]]

    assert [value for name, value in labels if name == "tag"] == ["HTTP-01", "HTTP-12", "smoke"]
    assert [value for name, value in labels if name in ("parentSuite", "suite", "subSuite")] == [
        "uplab",
        "alpha",
        "test_four",
    ]
    assert kept["description"] == "What was promised is kept."
    attached = {one["name"]: one["source"] for one in results["leaks[a/b]"]["attachments"]}
    history = (four.folder / "allure-results" / attached["history"]).read_bytes()
    assert history == (four.folder / four.scenario("leaks[a/b]")["history"]).read_bytes()
    assert ("tag", "TB-01") in [(label["name"], label["value"]) for label in results["not offered"]["labels"]]


def allure(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_bytes()) for path in folder.glob("*-result.json")]


def test_junit_and_page_are_written(four: Ended) -> None:
    suite = ET.parse(four.folder / "junit.xml").getroot()
    assert len(suite.findall(".//testcase")) == 5
    page = (four.folder / "report.html").read_text()
    assert not [title for title in four.outcomes if title not in page]


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
    assert sorted(result["name"] for result in allure(in_ci.folder.parent.parent / "mine")) == ["broken", "kept"]
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
    assert [line for line in ended.said if line.startswith("uplab: ")][0].startswith(
        "uplab: the lab cannot be started: error while attempting to bind on address"
    )


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
    assert "test_it.py: 1" in ended.out
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
