"""A sign-off judged again: what its histories bear out, what they contradict, what was changed."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.history_lines import BIN, DEV, Story
from uplab.reports.paper.packed import write_sign_off
from uplab.scenarios.bundles.stored import StoredError
from uplab.scenarios.bundles.verify import verify

MADE = "2026-12-01T03:00:00+00:00"


def _verdict(check: str, clause: str, question: dict[str, Any] | None) -> dict[str, Any]:
    told = {"outcome": "passed", "examined": 1, "promised": "all", "happened": "all", "hop": None, "advice": None}
    return {"check": check, "requirement": clause, **told, "ids": [], "question": question}


def _row(id_: str) -> dict[str, Any]:
    return {"id": id_, "document": "http.md", "source": "D", "text": f"text of {id_}", "subject": "forwarder"}


def _run(folder: Path, *, delivered: bool) -> Path:
    """A run that says of HTTP-12 and HTTP-01 that they passed; the history holds the first, where it was delivered."""
    story = Story()
    (folder / "history").mkdir(parents=True)
    with story.history.scenario(folder / "history" / "one.jsonl"):
        ids = [story.sent(1)]
        if delivered:
            story.delivered(1, headers=[["X-Thing", DEV]])
    asked = {"check": "none lost", "until": 99, "ids": ids, "to": {"fake": "posthere", "path": BIN}}
    scenario = {
        "id": "http/test_a.py::test_b",
        "title": "b",
        "suite": "http",
        "requirements": ["HTTP-01", "HTTP-12"],
        "outcome": "passed",
        "duration_s": 1.5,
        "worker": "main",
        "history": "history/one.jsonl",
        "verdicts": [_verdict("none lost", "HTTP-12", asked), _verdict("page", "HTTP-01", None)],
    }
    record = {
        "format": 2,
        "uplab": "1",
        "seed": 7,
        "started": MADE,
        "duration_s": 2.5,
        "exit_code": 0,
        "random_order": False,
        "requirements": [_row("HTTP-01"), _row("HTTP-12")],
        "forwarder": {"name": "mine", "profile": "mine", "command": "mine"},
        "scenarios": [scenario],
    }
    (folder / "run.json").write_text(json.dumps(record))
    return folder


def _signed(tmp_path: Path, *, delivered: bool = True) -> Path:
    runs = [_run(tmp_path / "runs" / name, delivered=delivered) for name in ("a", "b")]
    return write_sign_off(runs, tmp_path / "out", made=MADE, with_histories=True)[-1]


def test_history_bears_out_what_is_stated_and_the_rest_is_said(tmp_path: Path) -> None:
    found = verify(_signed(tmp_path))

    assert (found.runs, found.verdicts, found.judged, found.broken) == (2, 4, 2, ())
    assert [(one.clause, one.now) for one in found.stated] == [
        ("HTTP-01", "not shown"),
        ("HTTP-01", "not shown"),
        ("HTTP-12", "borne out"),
        ("HTTP-12", "borne out"),
    ]


def test_history_of_a_huge_body_is_carried_too(tmp_path: Path) -> None:
    run = _run(tmp_path / "runs" / "a", delivered=True)
    history = run / "history" / "one.jsonl"
    line = json.loads(history.read_text().splitlines()[-1])
    facts = {"method": "POST", "path": "/connections"}
    line |= {"seq": line["seq"] + 1, "hop": "api.asked", "id": None, "facts": facts, "raw": "x" * 3_000_000}
    huge = json.dumps(line)
    history.write_text(history.read_text() + huge + "\n")

    package = write_sign_off([run], tmp_path / "out", made=MADE, with_histories=True)[-1]

    assert [one.now for one in verify(package).stated] == ["not shown", "borne out"]


def test_history_that_shows_something_else_contradicts(tmp_path: Path) -> None:
    found = verify(_signed(tmp_path, delivered=False))

    assert {one.clause for one in found.of("contradicted")} == {"HTTP-12"}
    assert found.of("contradicted")[0].why == "a history of a breaks it"


def test_unpacked_folder_is_the_same(tmp_path: Path) -> None:
    path = _signed(tmp_path)
    with zipfile.ZipFile(path) as package:
        package.extractall(tmp_path / "unpacked")

    assert verify(tmp_path / "unpacked") == verify(path)


def test_file_that_was_changed_or_taken_away_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(_signed(tmp_path)) as package:
        package.extractall(tmp_path / "unpacked")
    run = tmp_path / "unpacked" / "runs" / "a"
    record = (run / "run.json").read_text().replace('"duration_s": 2.5', '"duration_s": 2.6')
    (run / "run.json").write_text(record)
    (tmp_path / "unpacked" / "signoff.xlsx").unlink()

    assert verify(tmp_path / "unpacked").broken == (
        "signoff.xlsx is missing",
        "runs/a/run.json is not what it was when the sign-off was made",
    )


def _data(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    def alter(folder: Path) -> None:
        path = folder / "signoff.json"
        stored = json.loads(path.read_text())
        change(stored)
        path.write_text(json.dumps(stored))

    return alter


@pytest.mark.parametrize(
    ("alter", "why"),
    [
        (lambda folder: (folder / "signoff.json").unlink(), "there is no signoff.json in it"),
        (lambda folder: (folder / "signoff.json").write_text("{"), "signoff.json is no JSON"),
        (_data(lambda stored: stored.update(format=7)), "it is of format 7, and this uplab reads formats up to 1"),
        (_data(lambda stored: stored["runs"][0].update(name="../..")), "holds no sign-off of uplab: runs.0.name"),
        (_data(lambda stored: stored["runs"][0].update(name="..")), "names its runs in a way that none was signed off"),
        (_data(lambda stored: stored["runs"][0].update(name="b")), "names its runs in a way that none was signed off"),
        (_data(lambda stored: stored["files"].update({"../x": "0" * 64})), "lies outside of it"),
        (lambda folder: shutil.rmtree(folder / "runs" / "a"), "there is no such file or folder"),
        (lambda folder: (folder / "runs/a/history/one.jsonl").write_text("{"), "history/one.jsonl, line 1"),
    ],
    ids=["none", "no json", "newer", "a way out", "above", "twice", "outside", "no run", "broken history"],
)
def test_what_is_broken_is_one_line(tmp_path: Path, alter: Callable[[Path], None], why: str) -> None:
    with zipfile.ZipFile(_signed(tmp_path)) as package:
        package.extractall(tmp_path / "unpacked")
    alter(tmp_path / "unpacked")

    with pytest.raises(StoredError, match=r"^[^\n]+$") as told:
        verify(tmp_path / "unpacked")

    assert why in str(told.value)


@pytest.mark.parametrize("name", ["nothing.zip", "run"])
def test_what_is_no_sign_off_is_one_line(tmp_path: Path, name: str) -> None:
    _run(tmp_path / "run", delivered=True)

    with pytest.raises(StoredError, match=r"there is no (such file or folder|signoff\.json in it)$"):
        verify(tmp_path / name)
