from __future__ import annotations

import json
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from uplab.scenarios.checks.requirements import catalogue
from uplab.scenarios.history.secrets import Secrets
from uplab.scenarios.run import record
from uplab.scenarios.run.record import (
    blank_record,
    make_run_folder,
    point_latest,
    run_record,
    scenario_file,
    shown_path,
    suite_of,
    take_selected,
    title_of,
    write_record,
    write_selected,
)
from uplab.scenarios.run.suites import SUITES
from uplab.scenarios.under_test.profile import load_profile
from uplab.scenarios.under_test.target import RunOptions

NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


def test_run_folder_is_named_by_time_and_seed(tmp_path: Path) -> None:
    folder = make_run_folder(tmp_path / "runs", 7, NOW)

    assert folder == tmp_path / "runs" / "20260504-030201-7"
    assert folder.is_dir()


def test_two_runs_of_one_second_keep_apart(tmp_path: Path) -> None:
    folders = [make_run_folder(tmp_path, 7, NOW) for _ in range(3)]

    assert [folder.name for folder in folders] == [f"20260504-030201-7{more}" for more in ("", "-2", "-3")]


def test_latest_leads_to_the_newest_run(tmp_path: Path) -> None:
    point_latest(make_run_folder(tmp_path, 7, NOW))
    newest = make_run_folder(tmp_path, 8, NOW)
    assert (tmp_path / "latest").resolve().name == "20260504-030201-7", "it has judged nothing yet"

    point_latest(newest)

    assert (tmp_path / "latest").resolve() == newest
    assert sorted(path.name for path in tmp_path.iterdir()) == ["20260504-030201-7", "20260504-030201-8", "latest"]


def test_folder_called_latest_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "latest" / "precious").mkdir(parents=True)

    folder = make_run_folder(tmp_path, 7, NOW)
    point_latest(folder)

    assert folder.is_dir()
    assert (tmp_path / "latest" / "precious").is_dir()
    assert sorted(path.name for path in tmp_path.iterdir()) == [folder.name, "latest"]


@pytest.mark.parametrize(
    "node_id",
    [
        "http/test_api.py::test_a",
        "http/test_api.py::TestX::test_a",
        "http/test_api.py::test_a[../../etc/passwd]",
        "http/test_api.py::test_a[" + "x" * 400 + "]",
        "http/test_api.py::test_" + "y" * 400,
    ],
)
def test_history_has_a_name_that_every_file_system_takes(node_id: str) -> None:
    assert re.fullmatch(r"history/[A-Za-z0-9_-]{1,170}\.jsonl", scenario_file(node_id))


def test_plain_scenario_has_a_plain_history_name() -> None:
    assert scenario_file("http/test_api.py::test_a") == "history/http-test_api-test_a.jsonl"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("t.py::test_a[a/b]", "t.py::test_a[a-b]"),
        ("t.py::test_a[ä]", "t.py::test_a[ö]"),
        ("t.py::test_" + "y" * 400 + "1", "t.py::test_" + "y" * 400 + "2"),
    ],
)
def test_two_scenarios_never_share_a_history(one: str, other: str) -> None:
    assert scenario_file(one) != scenario_file(other)


def test_name_of_a_file_holds_no_secret() -> None:
    secret = Secrets(7).hex("a")
    assert secret not in scenario_file(f"http/test_api.py::test_a[{secret}]")


def test_suite_and_title_come_from_the_id() -> None:
    assert suite_of("http/test_api.py::test_a[x/y]") == "http"
    assert suite_of("test_api.py::test_a") == "scenarios"
    assert title_of("http/test_api.py::test_bin_shows_it[a_b]") == "bin shows it[a b]"


def test_blank_record_tells_the_first_line_as_the_reason() -> None:
    record = blank_record("http/test_api.py::test_a", "failed", "worker crashed\nand more")

    assert (record["reason"], record["message"]) == ("worker crashed", "worker crashed\nand more")
    assert blank_record("http/test_api.py::test_a", "passed")["reason"] is None


def test_record_tells_what_was_run_against_what() -> None:
    options = RunOptions(seed=7, profile=load_profile(None), command="node my.js")
    scenarios = [{"id": "b"}, {"id": "a"}]

    record = run_record(options, scenarios, version="1.2", started=NOW, exit_code=10, shuffled=True)

    assert record["forwarder"] == {
        "name": "node my.js",
        "command": "node my.js",
        "version": None,
        "digest": None,
        "profile": "reference",
        "choices": options.profile.model_dump(),
    }
    assert (record["uplab"], record["seed"], record["exit_code"], record["random_order"]) == ("1.2", 7, 10, True)
    assert record["started"] == "2026-05-04T03:02:01+00:00"
    assert record["scenarios"] == [{"id": "a"}, {"id": "b"}]
    assert [row["id"] for row in record["requirements"]] == list(catalogue())


def test_forwarder_elsewhere_is_named_by_its_api() -> None:
    options = RunOptions(
        seed=7, profile=load_profile(None), command=None, api="http://x/iot-flow/v1", ingress="http://x"
    )

    record = run_record(options, [], version="1", started=NOW, exit_code=0, shuffled=False)

    assert record["forwarder"]["command"] == "http://x/iot-flow/v1 (runs elsewhere)"


def test_no_secret_is_written_into_the_record(tmp_path: Path) -> None:
    secret = Secrets(7).uuid("widgelix")

    write_record(tmp_path, {"message": f"got {secret}"})

    written = json.loads((tmp_path / "run.json").read_text())
    assert re.fullmatch(r"got SECRET-[0-9a-f-]{29}", written["message"])


def test_file_is_shown_as_its_user_types_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert shown_path(SUITES / "http" / "test_api.py") == "http/test_api.py"
    assert shown_path(tmp_path / "mine" / "test_it.py") == "mine/test_it.py"
    assert shown_path(tmp_path.parent / "test_it.py") == str(tmp_path.parent / "test_it.py")


def test_selection_is_noted_once_and_taken_away(tmp_path: Path) -> None:
    secret = Secrets(7).hex("x")
    for _ in range(2):  # each worker notes the same
        write_selected(tmp_path, [("http/test_a.py::test_one", ["HTTP-01"]), (f"t.py::test_b[{secret}]", [])])
    assert secret not in (tmp_path / "selected.json").read_text()

    first, second = take_selected(tmp_path)

    assert first == {"id": "http/test_a.py::test_one", "title": "one", "suite": "http", "requirements": ["HTTP-01"]}
    assert second["suite"] == "scenarios"
    assert list(tmp_path.iterdir()) == []
    assert take_selected(tmp_path) == []


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Somebody else's repository, with a commit."""
    author = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.com"]
    for command in (["init", "-q"], [*author, "commit", "-q", "--allow-empty", "-m", "first"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


def test_commit_is_never_that_of_the_folder_where_uplab_is_run(monkeypatch: pytest.MonkeyPatch, checkout: Path) -> None:
    command = ["git", "rev-parse", "--short", "HEAD"]
    foreign = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True)
    monkeypatch.chdir(checkout)

    assert record._commit() != foreign.stdout.strip()


def test_installation_within_a_checkout_has_no_commit(monkeypatch: pytest.MonkeyPatch, checkout: Path) -> None:
    installed = checkout / "site-packages" / "uplab" / "scenarios" / "suites"
    installed.mkdir(parents=True)
    monkeypatch.setattr(record, "SUITES", installed)

    assert record._commit() is None
