import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.history_lines import DEV, Story
from uplab.fakes.faults import Fault, FirstN, Status, as_data, from_data
from uplab.scenarios.bundles.stored import StoredError, open_stored
from uplab.scenarios.history.event import Event
from uplab.scenarios.history.hops import FORMAT
from uplab.scenarios.under_test.hops import fault_planned

SCENARIO: dict[str, Any] = {
    "id": "http/test_a.py::test_b",
    "verdicts": [],
    "history": "history/http-test_a-test_b.jsonl",
}


def make(folder: Path) -> Path:
    """A stored run of one scenario."""
    story = Story()
    with story.history.scenario(folder / str(SCENARIO["history"])):
        story.sent(1)
        story.delivered(1)
    (folder / "run.json").write_text(json.dumps({"seed": 7, "scenarios": [SCENARIO]}))
    return folder


def pack(folder: Path, bundle: Path) -> Path:
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in folder.rglob("*"):
            if path.is_file():
                packed.write(path, path.relative_to(folder))
    return bundle


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "bundle"])
def test_run_is_read_with_its_histories(packed: bool, tmp_path: Path) -> None:
    path = make(tmp_path / "run")
    run = open_stored(pack(path, tmp_path / "one.repro.zip") if packed else path)

    [scenario] = run.scenarios
    assert run.record["seed"] == 7
    assert [event.hop for event in run.history(scenario)][-2:] == ["destination.arrived", "destination.answered"]
    assert run.history({**scenario, "history": None}) == []


def test_history_that_is_gone_is_named(tmp_path: Path) -> None:
    for path in (make(tmp_path / "run"), pack(make(tmp_path / "again"), tmp_path / "one.repro.zip")):
        run = open_stored(path)
        with pytest.raises(StoredError, match=r"history history/no\.jsonl is missing"):
            run.history({"history": "history/no.jsonl"})


def test_broken_line_of_a_history_is_named(tmp_path: Path) -> None:
    run = open_stored(make(tmp_path / "run"))
    path = tmp_path / "run" / str(SCENARIO["history"])
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(StoredError, match=r": history/http-test_a-test_b\.jsonl, line 6: no JSON .* it is cut off$"):
        run.history(SCENARIO)


def test_run_of_a_newer_format_is_refused_in_a_line(tmp_path: Path) -> None:
    folder = make(tmp_path / "run")
    (folder / "run.json").write_text(json.dumps({"format": 99, "seed": "seven", "scenarios": [SCENARIO]}))
    for path in (folder, pack(folder, tmp_path / "one.repro.zip")):
        with pytest.raises(
            StoredError, match=r"run\.json: it is of format 99, and this uplab reads .* up to \d+"
        ) as said:
            open_stored(path)
        assert "\n" not in str(said.value)


def test_run_of_an_older_format_is_read_by_it(tmp_path: Path) -> None:
    folder = make(tmp_path / "run")
    (folder / "run.json").write_text(json.dumps({"seed": 7, "scenarios": [SCENARIO]}))
    acknowledged = {"fake": "thingsboard", "session": 1, "exchange": 2, "kind": "PUBACK"}  # it had no code then
    line = Event(1, 1.0, "w", "destination.acknowledged", (), acknowledged).line()
    (folder / str(SCENARIO["history"])).write_bytes(line)
    assert [event.facts for event in open_stored(folder).history(SCENARIO)] == [acknowledged]

    (folder / "run.json").write_text(json.dumps({"format": FORMAT, "seed": 7, "scenarios": [SCENARIO]}))
    with pytest.raises(StoredError, match=r"line 1: destination\.acknowledged: code is missing"):
        open_stored(folder).history(SCENARIO)


def test_frames_and_faults_of_a_bundle_are_data(tmp_path: Path) -> None:
    fault = Fault("refused", FirstN(2), Status(503, b"\xff", headers=(("X-Why", "busy"),)))
    folder = tmp_path / "run"
    story = Story()
    with story.history.scenario(folder / str(SCENARIO["history"])):
        story.history.emit(*fault_planned(fake="posthere", faults=[as_data(fault)]))
        story.sent(1)
    (folder / "run.json").write_text(json.dumps({"format": FORMAT, "seed": 7, "scenarios": [SCENARIO]}))

    run = open_stored(pack(folder, tmp_path / "one.repro.zip"))
    events = run.history(run.scenarios[0])

    [planned] = [event.facts for event in events if event.hop == "fault.planned"]
    assert [from_data(data) for data in planned["faults"]] == [fault]
    assert [event.facts["phy_hex"] for event in events if event.hop == "device.sent"] == [f"{DEV}1"]


def test_lists_of_ids_are_put_back(tmp_path: Path) -> None:
    folder, ids = make(tmp_path / "run"), ["u1", "u2"]
    verdict = {"check": "none lost", "outcome": "passed", "ids": [], "question": {"ids": {"list": 0}}}
    for lists, wrong in (([ids], None), ([], "there is no list of ids 0")):
        stored = {**SCENARIO, "verdicts": [verdict], "ids": lists}
        (folder / "run.json").write_text(json.dumps({"format": FORMAT, "seed": 7, "scenarios": [stored]}))
        if wrong is None:
            assert open_stored(folder).scenarios[0]["verdicts"][0]["question"]["ids"] == ids
        else:
            with pytest.raises(StoredError, match=wrong):
                open_stored(folder)


def test_what_is_no_run_is_refused_in_a_line(tmp_path: Path) -> None:
    text, empty, wrong = tmp_path / "text.zip", tmp_path / "empty", tmp_path / "wrong"
    text.write_text("no archive")
    for folder, content in ((empty, None), (wrong, "[]")):
        folder.mkdir()
        if content:
            (folder / "run.json").write_text(content)
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("a.txt", "a")
    for path, words in {
        tmp_path / "nothing": "no such file or folder",
        text: "nor a bundle",
        empty: "no run.json in it",
        wrong: "holds no run",
        tmp_path / "other.zip": "no run.json in it",
    }.items():
        with pytest.raises(StoredError, match=words):
            open_stored(path)
