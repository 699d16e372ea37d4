from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.bundles.test_stored import pack
from tests.scenarios.history_lines import DEV, Story
from uplab.scenarios.bundles.recheck import recheck
from uplab.scenarios.bundles.standing import broken_again
from uplab.scenarios.bundles.stored import StoredError, open_stored
from uplab.scenarios.checks.standing.watch import NAMES
from uplab.scenarios.history.history import History
from uplab.scenarios.history.hops import FORMAT
from uplab.scenarios.history.identity import Ledger
from uplab.scenarios.history.lines import between_file

A, B = "http/test_a.py::test_a", "http/test_a.py::test_b"


def record(folder: Path, verdicts: list[dict[str, Any]], **more: Any) -> Path:
    """A stored run of two scenarios, of which the first broke an invariant."""
    scenarios = [
        {"id": A, "history": "history/a.jsonl", "verdicts": verdicts, "ended_s": 1.0, **more},
        {"id": B, "history": "history/b.jsonl", "verdicts": [], "ended_s": 2.0},
    ]
    standing = {"places": True, "flows": True}
    run = {"seed": 7, "format": FORMAT, "standing": standing, "scenarios": scenarios}
    (folder / "run.json").write_text(json.dumps(run))
    return folder


def broken(check: str) -> dict[str, Any]:
    return {"check": check, "outcome": "failed", "question": {"check": check, "of": "the whole run"}}


def told(folder: Path, copy_in: str) -> None:
    """An uplink is delivered in the first scenario, and again there, after it, or in the second."""
    story = Story()
    story.history = History(Ledger(), between=folder / between_file("main"))
    with story.history.scenario(folder / "history" / "a.jsonl"):
        story.connected("1", DEV)
        story.sent(1)
        story.delivered(1)
        if copy_in == "a":
            story.delivered(1)
    if copy_in == "between":
        story.delivered(1)
    with story.history.scenario(folder / "history" / "b.jsonl"):
        story.connected("2", DEV)
        if copy_in == "b":
            story.delivered(1)
    story.tells("network.joined")
    story.history.close()


@pytest.mark.parametrize("copy_in", ["a", "between", "b"])
def test_copy_is_found_again_wherever_it_was_told(copy_in: str, tmp_path: Path) -> None:
    told(tmp_path, copy_in)
    run = open_stored(record(tmp_path, [broken("none twice")]))

    again = {(one.scenario, one.check): one for one in recheck(run)}

    assert again[A, "none twice"].outcome == "failed"
    assert not again[A, "none twice"].changed
    assert {name: again["the whole run", name].outcome for name in NAMES} == {
        **dict.fromkeys(NAMES, "passed"),
        "none twice": "failed",
        "no secret": "unknown",  # which there were is not stored
    }


def test_what_a_scenario_means_to_break_is_stored_with_it(tmp_path: Path) -> None:
    told(tmp_path, "a")
    run = open_stored(record(tmp_path, [], breaks=["none twice"]))

    assert broken_again(run) == []


def test_run_that_breaks_nothing_any_more_has_changed(tmp_path: Path) -> None:
    told(tmp_path, "never")
    run = open_stored(record(tmp_path, [broken("none twice"), broken("no secret")]))

    again = {one.check: one for one in recheck(run) if one.scenario == A}

    assert (again["none twice"].outcome, again["none twice"].changed) == ("passed", True)
    assert (again["no secret"].outcome, again["no secret"].now) == ("unknown", None)


def test_bundle_says_that_the_break_is_told_elsewhere(tmp_path: Path) -> None:
    told(tmp_path / "run", "b")
    record(tmp_path / "run", [broken("none twice")])
    (tmp_path / "run" / "history" / "b.jsonl").write_bytes(b"")
    run = open_stored(pack(tmp_path / "run", tmp_path / "one.repro.zip"))

    again = list(recheck(run))

    assert [one.why_not for one in again if one.check == "none twice"] == [
        "what broke it is told in the history of another scenario"
    ]
    assert "the whole run" not in [one.scenario for one in again]


def test_name_of_no_invariant_is_said(tmp_path: Path) -> None:
    told(tmp_path, "never")
    again, *_ = recheck(open_stored(record(tmp_path, [broken("none thrice")])))

    assert (again.now, again.why_not) == (None, "there is no standing invariant 'none thrice'")


def test_broken_line_between_scenarios_is_named(tmp_path: Path) -> None:
    told(tmp_path, "between")
    path = tmp_path / between_file("main")
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(StoredError, match=r"history/between-main\.jsonl, line 3: no JSON .*; it is cut off"):
        list(recheck(open_stored(record(tmp_path, []))))


def test_run_that_does_not_say_how_it_was_watched_is_not_judged(tmp_path: Path) -> None:
    told(tmp_path, "a")
    path = record(tmp_path, [broken("none twice")])
    run = json.loads((path / "run.json").read_text())
    del run["standing"]
    (path / "run.json").write_text(json.dumps(run))

    again, *_ = recheck(open_stored(path))

    assert again.why_not == "the run does not say how it was watched"
