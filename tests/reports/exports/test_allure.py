import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import allure_commons
import pytest
from allure_commons.logger import AllureFileLogger

from tests.reports.sample import make_run
from uplab.reports.exports.allure import RedactingFileLogger, complete, install
from uplab.reports.findings import Findings, find
from uplab.reports.run import Scenario, read_run

SECRET = "5ec0de5a0123456789abcdef01234567"
PLACEHOLDER = "SECRET-4e0d9a3c---------".ljust(len(SECRET), "-")

_PLUGIN = f"""
import pytest
from uplab.reports.exports.allure import install

def redact(raw):
    return raw.replace({SECRET.encode()!r}, {PLACEHOLDER.encode()!r}).replace(b'pass"word', b"PLACEHOLD")

@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    print("loggers:", install(redact))
"""

_TESTS = f"""
import allure, pathlib, pytest
SECRET = {SECRET!r}

@pytest.fixture
def thing():
    with allure.step("fixture " + SECRET):
        yield SECRET

def test_leaks_everywhere(thing, tmp_path):
    allure.dynamic.description("described " + SECRET)
    allure.dynamic.title("title " + SECRET)
    allure.attach("text " + SECRET, "name " + SECRET, allure.attachment_type.TEXT)
    allure.attach(b"bytes \\x00\\xff " + SECRET.encode(), "bytes")
    path = tmp_path / "file.log"
    path.write_text("file " + SECRET)
    allure.attach.file(str(path), "file")
    print("printed", SECRET)
    with allure.step("step " + SECRET):
        token = SECRET
        assert token == "other", f"wrong token {{token}} pass\\"word \\udcff"

@pytest.mark.parametrize("value", [SECRET])
def test_has_a_secret_parameter(value):
    pass
"""


def _run_pytest(tmp_path: Path, *arguments: str) -> tuple[str, list[Path]]:
    (tmp_path / "guard.py").write_text(_PLUGIN)
    (tmp_path / "test_leak.py").write_text(_TESTS)
    project = Path(__file__).parents[2]
    # Only the plugins that this test is about: the project's own would start a lab.
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join((str(tmp_path), str(project))),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    plugins = ("-p", "allure_pytest.plugin", "-p", "guard", "-p", "no:cacheprovider")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        os.devnull,
        f"--rootdir={tmp_path}",
        *plugins,
        "--alluredir=results",
        "test_leak.py",
    ]
    ended = subprocess.run(
        [*command, *arguments], cwd=tmp_path, env=environment, capture_output=True, timeout=60, check=False
    )
    return (ended.stdout + ended.stderr).decode("utf-8", "replace"), sorted((tmp_path / "results").iterdir())


def test_no_written_file_holds_the_secret(tmp_path: Path) -> None:
    output, files = _run_pytest(tmp_path)

    assert "loggers: 1" in output
    assert "1 failed, 1 passed" in output
    assert "Error" not in output.replace("AssertionError", "")
    assert len(files) >= 6
    for file in files:
        assert SECRET.encode() not in file.read_bytes(), file.name
        assert file.suffix != ".tmp"


def test_everything_else_is_written_as_allure_would(tmp_path: Path) -> None:
    _, files = _run_pytest(tmp_path)

    results = [json.loads(file.read_bytes()) for file in files if file.name.endswith("-result.json")]
    assert {result["status"] for result in results} == {"failed", "passed"}
    failed = next(result for result in results if result["status"] == "failed")
    assert failed["name"] == f"title {PLACEHOLDER}"
    assert f"wrong token {PLACEHOLDER} PLACEHOLD" in failed["statusDetails"]["message"]
    attached = {a["name"]: (tmp_path / "results" / a["source"]).read_bytes() for a in failed["attachments"]}
    assert attached[f"name {PLACEHOLDER}"] == f"text {PLACEHOLDER}".encode()
    assert attached["bytes"] == b"bytes \x00\xff " + PLACEHOLDER.encode()
    assert attached["file"] == f"file {PLACEHOLDER}".encode()


def test_without_the_guard_the_secret_would_be_there(tmp_path: Path) -> None:
    _, files = _run_pytest(tmp_path, "-p", "no:guard")

    assert any(SECRET.encode() in file.read_bytes() for file in files)


def test_installing_again_changes_the_filter(tmp_path: Path) -> None:
    logger = AllureFileLogger(tmp_path)  # type: ignore[no-untyped-call]
    allure_commons.plugin_manager.register(logger, name="a logger of this test")
    try:
        assert install(lambda raw: raw.replace(b"one", b"1")) >= 1
        assert install(lambda raw: raw.replace(b"one", b"2")) >= 1
        assert allure_commons.plugin_manager.get_name(logger) == "a logger of this test"
        allure_commons.plugin_manager.hook.report_attached_data(body="one", file_name="a.txt")
    finally:
        allure_commons.plugin_manager.unregister(name="a logger of this test")

    assert isinstance(logger, RedactingFileLogger)
    assert (tmp_path / "a.txt").read_text() == "2"


def test_nothing_to_guard_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uplab.reports.exports.allure.allure_commons.plugin_manager", _NoPlugins)

    assert install(bytes) == 0


class _NoPlugins:
    @staticmethod
    def get_plugins() -> set[object]:
        return set()


def _result(results: Path, scenario: Scenario, number: int, status: str = "passed") -> Path:
    """A result as Allure has it of a scenario, with a history that others have too."""
    labels = [{"name": "uplab", "value": scenario.id}]
    path = results / f"{number}-result.json"
    told = {"uuid": str(number), "status": status, "stop": number, "labels": labels, "historyId": "same"}
    path.write_text(json.dumps(told))
    return path


@pytest.fixture
def found(tmp_path: Path) -> Findings:
    return find(read_run(make_run(tmp_path / "run")))


@pytest.fixture
def results(found: Findings) -> Path:
    folder = found.run.folder / "allure-results"
    folder.mkdir()
    return folder


def test_result_of_what_failed_after_its_end_is_corrected(found: Findings, results: Path) -> None:
    failed, passed = found.run.of("failed")[0], found.run.of("passed")[0]
    paths = [_result(results, failed, 1), _result(results, passed, 2)]

    assert complete(results, found) == 2

    told = [json.loads(path.read_bytes()) for path in paths]
    assert [one["status"] for one in told] == ["failed", "passed"]
    assert told[0]["statusDetails"]["message"].startswith(f"at the forwarder: {failed.complaints[0].check}: ")
    assert failed.complaints[0].promised in told[0]["statusDetails"]["trace"]


def test_scenarios_whose_parameters_print_alike_are_not_folded(found: Findings, results: Path) -> None:
    for number, scenario in enumerate(found.run.scenarios):
        _result(results, scenario, number, "skipped" if scenario.outcome == "not applicable" else "passed")

    assert complete(results, found) == len(found.run.scenarios)

    told = [json.loads(path.read_bytes()) for path in results.glob("*-result.json")]
    assert len({one["historyId"] for one in told}) == len({one["testCaseId"] for one in told}) == len(told)


def test_result_has_steps_links_severity(found: Findings, results: Path) -> None:
    failed = next(one for one in found.run.of("failed") if "HTTP-05" in one.requirements)
    path = _result(results, failed, 1)

    complete(results, found)

    told = json.loads(path.read_bytes())
    assert [step["status"] for step in told["steps"]] == [one.outcome for one in failed.verdicts]
    links = {link["name"]: link["url"] for link in told["links"]}
    assert links["HTTP-05"] == "../report.html#r-HTTP-05"
    assert links[f"cause {found.cause_ids[failed.id]}"].startswith("../report.html#c-")
    assert {"name": "severity", "value": "critical"} in told["labels"]


def test_environment_and_categories_stand_beside_the_results(found: Findings, results: Path) -> None:
    complete(results, found)

    environment = (results / "environment.properties").read_text()
    assert "Forwarder=reference\n" in environment
    assert "Seed=7\n" in environment
    categories = json.loads((results / "categories.json").read_text())
    assert categories[4]["messageRegex"] == "(?s)at the forwarder: .*"


def test_what_broke_the_run_as_a_whole_is_a_result_of_its_own(found: Findings, tmp_path: Path) -> None:
    invented = replace(found.run.of("failed")[0].complaints[0], check="none invented")
    broken = replace(found, run=replace(found.run, broken=(invented,)))
    results = tmp_path / "results"
    assert complete(results, broken) == 0, "no results are written"
    results.mkdir()

    assert complete(results, broken) == 1

    [path] = results.glob("*-result.json")
    told = json.loads(path.read_bytes())
    assert (told["name"], told["status"]) == ("the whole run: none invented", "failed")
