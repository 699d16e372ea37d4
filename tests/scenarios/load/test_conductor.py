"""Whole loads, small ones: the parts are processes, so that each costs some seconds of CPU."""

import os
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from uplab.scenarios.load.conductor import Conductor, folder_for
from uplab.scenarios.load.plan import load_plan
from uplab.scenarios.load.reading import stored
from uplab.scenarios.load.stage import Stage, StageError
from uplab.scenarios.under_test.profile import Profile, load_profile
from uplab.scenarios.under_test.target import REFERENCE_COMMAND, RunOptions

ROOT = Path(__file__).parent.parent.parent.parent
SOAK_S = int(os.environ.get("UPLAB_SOAK", "0"))


def profile(**deadlines: float) -> Profile:
    """The reference's, which gives up soon what does not come."""
    usual = load_profile(None)
    return usual.model_copy(update={"deadlines": usual.deadlines.model_copy(update=deadlines)})


def played(
    folder: Path, command: str = REFERENCE_COMMAND, *, stop_at: int | None = None, **given: Any
) -> dict[str, Any]:
    options = RunOptions(seed=1, profile=profile(delivery_s=6.0), command=command)
    plan = load_plan({"seed": "1", **given})
    stage = Stage(plan, options, folder)
    stopped: list[int] = []

    def look(load: Conductor) -> None:
        if stop_at is not None and load.judge.whole.delivered >= stop_at and not stopped:
            stopped.append(2)

    try:
        stage.start("http://127.0.0.1:9")
        return Conductor(stage, look, stopped).play()
    finally:
        stage.stop()


def known_bad(name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return shlex.join([sys.executable, "-m", "tests.faulty.under_load", name])


def broken(result: dict[str, Any]) -> dict[str, int]:
    kinds = ("lost", "twice", "out of order", "altered", "misplaced", "invented", "leaked")
    return {kind: result["whole"][kind] for kind in kinds if result["whole"][kind]}


def test_a_load_with_faults_and_a_kill_is_judged_and_judged_again_from_its_files(tmp_path: Path) -> None:
    result = played(
        tmp_path,
        devices=30,
        every_s=60.0,
        hours=0.2,
        rate=60.0,
        to=["http:2:70", "thingsboard:1:30"],
        faults=["http:0.5:0.5:status 503", "thingsboard:1:0.5:down"],
        restarts=["2:kill"],
        processes=2,
    )

    assert (result["outcome"], broken(result), result["trouble"]) == ("passed", {}, "")
    assert [band["words"] for band in result["bands"]][:2] == ["http: status 503", "thingsboard: down"]
    assert result["whole"]["waiting"] == 0
    assert {name for name, of in result["groups"].items() if of["delivered"]} == {"http", "thingsboard"}
    assert result["outcomes"]["refused"] + result["outcomes"]["unclear"] > 0, "it was not there for a while"
    assert result["forwarder"]["most_memory"] > 10_000_000
    assert 50 < result["disk_bytes_each"] < 1_000

    _, judge, reading = stored([tmp_path])
    judge.finish(complete=reading.complete)
    again = judge.whole.as_data()
    assert {name: again[name] for name in result["whole"]} == result["whole"]


def test_one_that_is_stopped_tells_what_was_until_then(tmp_path: Path) -> None:
    result = played(tmp_path, devices=20, stop_at=20, rate=100.0)

    assert result["stopped"]
    assert result["complete"]
    assert (result["outcome"], broken(result)) == ("passed", {})
    assert 20 <= result["whole"]["delivered"] == result["outcomes"]["accepted"]


def test_what_cannot_be_played_is_said_before_anything_starts(tmp_path: Path) -> None:
    usual = load_profile(None)
    without = usual.model_copy(update={"features": usual.features.model_copy(update={"thingsboard": False})})
    stage = Stage(load_plan({"devices": 1, "to": ["thingsboard"]}), RunOptions(seed=1, profile=without), tmp_path)

    with pytest.raises(StageError, match="does not declare the feature thingsboard"):
        stage.start("")
    stage.stop()


def test_each_load_has_a_folder_of_its_own(tmp_path: Path) -> None:
    folders = {folder_for(tmp_path, "7") for _ in range(5)}

    assert len(folders) == 5


@pytest.mark.skipif(not SOAK_S, reason="a soak takes long: UPLAB_SOAK=60 says how many seconds")
@pytest.mark.timeout(SOAK_S * 3 + 120)
def test_a_kilobyte_an_uplink_is_found_by_a_soak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {"devices": 200, "rate": 300.0, "minutes": SOAK_S / 60}

    [leaking] = [
        one
        for one in played(tmp_path / "leak", known_bad("leak", monkeypatch), **given)["growth"]
        if one["measure"] == "memory"
    ]
    [sound] = [one for one in played(tmp_path / "sound", **given)["growth"] if one["measure"] == "memory"]

    print(leaking["words"], sound["words"], sep="\n")
    assert (leaking["verdict"], sound["verdict"]) == ("grows", "steady")
    assert 600 < leaking["per_uplink"] < 2_500
