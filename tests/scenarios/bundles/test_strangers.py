"""A bundle from a stranger: nothing in it is started or believed, and what is broken in it is one line."""

from __future__ import annotations

import copy
import json
import random
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.scenarios.history_lines import Story
from tests.scenarios.suite_runs import uplab, write_suite
from uplab.scenarios.bundles.recheck import recheck
from uplab.scenarios.bundles.stored import StoredError, open_stored
from uplab.scenarios.cli.main import app
from uplab.scenarios.run.selection import recognise
from uplab.scenarios.under_test.profile import load_profile

ID = "http/test_did_it_work.py::test_bin_shows_exactly_the_uplinks_that_were_sent"
HISTORY = "history/one.jsonl"
LOST = {"check": "none lost", "until": 99, "ids": [], "to": {"fake": "posthere", "path": "/bin"}}


def record() -> dict[str, Any]:
    """The run.json of one failed scenario, as a run writes what matters here."""
    verdict = {"check": "promise", "outcome": "failed", "hop": "forwarder", "question": None}
    scenario = {
        "id": ID,
        "title": "bin shows exactly the uplinks that were sent",
        "outcome": "failed",
        "path": "http/test_did_it_work.py",
        "history": HISTORY,
        "verdicts": [verdict],
    }
    forwarder = {"command": "python -m uplab.simulator.forwarder", "choices": load_profile(None).model_dump()}
    return {"seed": 7, "forwarder": forwarder, "scenarios": [scenario]}


def pack(folder: Path, stored: Any, *, history: str = HISTORY, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    story = Story()
    with story.history.scenario(folder / "told.jsonl"):
        story.sent(1)
        story.delivered(1)
    bundle = folder / "one.repro.zip"
    with zipfile.ZipFile(bundle, "w", compression) as packed:
        packed.writestr("run.json", json.dumps(stored))
        packed.writestr(history, (folder / "told.jsonl").read_bytes())
    return bundle


def changed(**values: Any) -> dict[str, Any]:
    """The record with other values in its scenario."""
    stored = record()
    stored["scenarios"][0] |= values
    return stored


TOUCH = "--forwarder-command=touch {here}/PWNED"


@pytest.mark.parametrize(
    "values",
    [
        {"id": f"{TOUCH}::test_a", "path": None},
        {"path": "evil/test_evil.py", "id": "evil/test_evil.py::test_evil"},
        {"path": "{here}/evil/test_evil.py", "id": "test_evil.py::test_evil"},
        {"path": None, "id": "../../../../{here}/evil/test_evil.py::test_evil"},
        {"path": "-p", "id": "evil.test_evil::test_evil"},
        {"path": f"http\n{TOUCH}", "id": f"http/test_did_it_work.py::test_a\n{TOUCH}"},
    ],
    ids=["id is an option", "path", "whole path", "path in the id", "plugin", "two lines"],
)
def test_nothing_that_a_bundle_names_is_run(tmp_path: Path, values: dict[str, Any]) -> None:
    evil = "import pathlib\n(pathlib.Path(__file__).parent.parent / 'PWNED').touch()\ndef test_evil(): pass\n"
    write_suite(tmp_path, evil__test_evil=evil)
    given = {key: value and value.format(here=tmp_path) for key, value in values.items()}

    ended = uplab(tmp_path, "replay", str(pack(tmp_path, changed(**given))))

    assert not (tmp_path / "PWNED").exists()
    assert ended.code == 10, ended.out + ended.err
    assert ended.out.startswith("NOT RUN")
    assert "there is no such scenario among the installed suites; where it is from a suite of yours" in ended.out


def test_scenario_is_found_by_its_id_whatever_stands_beside_it(tmp_path: Path) -> None:
    path = TOUCH.format(here=tmp_path)

    ended = uplab(tmp_path, "replay", str(pack(tmp_path, changed(path=path))))

    assert not (tmp_path / "PWNED").exists()
    assert (ended.code, ended.out[:5]) == (0, "FIXED"), ended.out + ended.err


def test_suite_of_ones_own_is_found_in_the_folder_that_is_named(tmp_path: Path) -> None:
    broken = "def test_broken(lab):\n    lab.expect('one is two', False, '1')\n"
    kept = "def test_broken(lab):\n    lab.expect('one is one', True, '1')\n"
    mine = write_suite(tmp_path / "mine", alpha__test_it=broken, beta__test_it=kept)
    assert uplab(tmp_path, "run", "--seed", "7", "--report-dir", "runs", str(mine / "alpha")).code == 1
    [bundle] = (tmp_path / "runs" / "latest" / "bundles").iterdir()

    moved = (tmp_path / "mine").rename(tmp_path / "moved")
    unnamed = uplab(tmp_path, "replay", str(bundle))
    named = uplab(tmp_path, "replay", str(bundle), str(moved))

    assert (unnamed.code, unnamed.out[:7]) == (10, "NOT RUN")
    assert (named.code, named.out[:10]) == (1, "REPRODUCED"), named.out + named.err


@pytest.mark.parametrize(
    ("stored", "elsewhere", "found"),
    [
        ({"id": "http/test_a.py::test_b", "path": None}, False, 0),
        ({"id": "test_a.py::test_b", "path": "http/test_a.py"}, False, None),
        ({"id": "test_a.py::test_b", "path": "/home/bob/mine/http/test_a.py"}, True, 0),
        ({"id": "::test_b", "path": "other/test_a.py"}, True, 1),
        ({"id": "test_a.py::test_b", "path": "test_a.py"}, True, None),
        ({"id": "test_z.py::test_b", "path": "test_z.py"}, True, None),
        ({"id": "http/test_a.py::test_c", "path": None}, True, None),
    ],
)
def test_scenario_is_recognised_by_its_names(stored: dict[str, Any], elsewhere: bool, found: int | None) -> None:
    among = [("http/test_a.py::test_b", "http/test_a.py"), ("test_a.py::test_b", "other/test_a.py")]
    if stored["id"] == "test_a.py::test_b" and elsewhere:
        among[1] = ("x/test_a.py::test_b", "other/test_a.py")
    elif not elsewhere:
        among = among[:1]
    assert recognise(stored, among, elsewhere=elsewhere) == found


@pytest.mark.parametrize("outcome", ["hacked", "passed", "failed", "not applicable"])
def test_verdict_that_cannot_be_judged_again_is_unknown(tmp_path: Path, outcome: str) -> None:
    verdict = {"check": "promise", "outcome": outcome, "hop": None, "question": None}
    shown = CliRunner().invoke(app, ["recheck", str(pack(tmp_path, changed(verdicts=[verdict])))])

    assert shown.exit_code == 10, shown.output
    assert "0 of 1 verdicts judged again, 0 changed; the other 1 cannot be judged by the history" in shown.stdout


@pytest.mark.parametrize(
    "question",
    [
        {"check": "none lost"},
        {"check": ["none lost"], "until": 1},
        {"check": "none lost", "until": "9"},
        {**LOST, "to": 5},
        {**LOST, "to": {"fake": "posthere", "path": "/", "__class__": "x"}},
        {**LOST, "ids": 5},
        {**LOST, "events": []},
        {"check": "right headers", "until": 99, "ids": ["u1"], "to": LOST["to"], "expected": {"X": {}}},
    ],
)
def test_question_that_is_wrong_leaves_its_verdict_unknown(tmp_path: Path, question: dict[str, Any]) -> None:
    verdict = {"check": "none lost", "outcome": "passed", "hop": None, "question": question}
    [again] = recheck(open_stored(pack(tmp_path, changed(verdicts=[verdict]))))

    assert (again.outcome, again.now) == ("unknown", None)
    assert again.why_not


def test_scenario_without_a_verdict_is_unknown(tmp_path: Path) -> None:
    [again] = recheck(open_stored(pack(tmp_path, changed(verdicts=[]))))
    assert again.outcome == "unknown"


def without(*path: str | int) -> dict[str, Any]:
    stored = record()
    inner: Any = stored
    for part in path[:-1]:
        inner = inner[part]
    del inner[path[-1]]
    return stored


def put(value: Any, *path: str | int) -> dict[str, Any]:
    stored = copy.deepcopy(record())
    inner: Any = stored
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return stored


WRONG: dict[str, Any] = {
    "no seed": without("seed"),
    "no id": without("scenarios", 0, "id"),
    "no verdicts": without("scenarios", 0, "verdicts"),
    "seed is text": put("--help", "seed"),
    "seed is true": put(True, "seed"),
    "scenarios is text": put("all", "scenarios"),
    "scenario is a list": put([], "scenarios", 0),
    "id is a list": put(["a"], "scenarios", 0, "id"),
    "path is a number": put(5, "scenarios", 0, "path"),
    "outcome is a list": put([], "scenarios", 0, "outcome"),
    "verdicts is an object": put({}, "scenarios", 0, "verdicts"),
    "verdict is null": put(None, "scenarios", 0, "verdicts", 0),
    "check is an object": put({}, "scenarios", 0, "verdicts", 0, "check"),
    "question is a list": put([], "scenarios", 0, "verdicts", 0, "question"),
    "history climbs": put("../../../../etc/passwd", "scenarios", 0, "history"),
    "history climbs inside": put("history/../../told.jsonl", "scenarios", 0, "history"),
    "history is absolute": put("/etc/passwd", "scenarios", 0, "history"),
    "history is a number": put(5, "scenarios", 0, "history"),
    "a list": [],
    "null": None,
}


def one_line_of(command: str, bundle: Path) -> str:
    shown = CliRunner().invoke(app, [command, str(bundle)])
    assert shown.exit_code == 4, (shown.exit_code, shown.output, shown.exception)
    assert shown.stderr.count("\n") == 1
    assert shown.stderr.startswith("uplab: ")
    return shown.stderr


@pytest.mark.parametrize("command", ["replay", "recheck"])
@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_record_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, wrong: str) -> None:
    monkeypatch.chdir(tmp_path)
    assert "run.json holds no run of uplab" in one_line_of(command, pack(tmp_path, WRONG[wrong]))


@pytest.mark.parametrize(
    "forwarder",
    [
        None,
        [],
        {"command": "python -m uplab.simulator.forwarder"},
        {"command": 5, "choices": {"name": "x", "evil\n[features]": True}},
        {"command": "python -m uplab.simulator.forwarder", "choices": {"name": 5}},
        {"command": "python -m uplab.simulator.forwarder", "choices": {"name": "x", "settle_s": 1e9}},
        {"command": "touch PWNED; -m uplab.simulator.forwarder", "choices": {"name": "x"}},
        {"command": "evil -m tests.faulty -m uplab.simulator.forwarder", "choices": {"name": "x"}},
    ],
)
def test_forwarder_of_a_bundle_is_no_forwarder_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forwarder: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    said = one_line_of("replay", pack(tmp_path, put(forwarder, "forwarder")))
    assert "run.json holds no run of uplab: forwarder" in said or "say which forwarder is to be judged" in said


def test_history_that_is_gone_or_leads_away_is_one_line(tmp_path: Path) -> None:
    verdict = {"check": "none lost", "outcome": "passed", "hop": None, "question": LOST}
    assert "is missing" in one_line_of("recheck", pack(tmp_path, changed(verdicts=[verdict]), history="history/two"))

    folder = tmp_path / "run"
    (folder / "history").mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps(changed(verdicts=[verdict])))
    (folder / HISTORY).symlink_to("/etc/passwd")
    assert "lies outside" in one_line_of("recheck", folder)


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packing_without_a_bound_is_refused(tmp_path: Path, compression: int) -> None:
    assert "is packed as no bundle's files are" in one_line_of(
        "recheck", pack(tmp_path, record(), compression=compression)
    )


def test_size_that_lies_is_one_line(tmp_path: Path) -> None:
    bundle = pack(tmp_path, record())
    raw = bytearray(bundle.read_bytes())
    entry = raw.index(b"PK\x01\x02")
    for size in (5, 4_000_000_000):
        raw[entry + 24 : entry + 28] = size.to_bytes(4, "little")
        bundle.write_bytes(raw)
        one_line_of("recheck", bundle)


def test_flipped_byte_is_one_line_or_changes_nothing_that_is_read(tmp_path: Path) -> None:
    verdict = {"check": "none lost", "outcome": "passed", "hop": None, "question": LOST}
    whole = pack(tmp_path, changed(verdicts=[verdict])).read_bytes()
    broken = tmp_path / "broken.repro.zip"
    chance = random.Random(7)
    refused: list[str] = []
    for place in range(len(whole)):
        raw = bytearray(whole)
        raw[place] ^= 1 << chance.randrange(8)
        broken.write_bytes(raw)
        try:
            list(recheck(open_stored(broken)))
        except StoredError as error:
            refused.append(str(error))
    assert len(refused) > len(whole) / 2
    assert not [said for said in refused if "\n" in said]


def test_control_characters_of_a_bundle_are_shown_by_their_escapes(tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\x9b31m"
    verdict = {"check": f"none{evil}", "outcome": f"ha{evil}", "hop": None, "question": {"check": evil, "until": 1}}
    bundle = pack(tmp_path, changed(id=f"a{evil}::b", title=f"t{evil}\nPASSED", verdicts=[verdict]))

    shown = uplab(tmp_path, "recheck", str(bundle))
    assert shown.code == 10
    again = uplab(
        tmp_path, "replay", str(bundle), "--forwarder-command", f"{sys.executable} -m uplab.simulator.forwarder"
    )
    assert again.code == 10

    for text in (shown.out, shown.err, again.out, again.err):
        assert not [c for c in text if c != "\n" and not c.isprintable()], text
        assert "\nPASSED" not in text
    assert "\\x1b" in shown.out
    assert "\\x1b" in again.out
