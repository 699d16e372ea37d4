import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.nightly import nightly
from tests.scenarios.suite_runs import uplab
from uplab.fakes.faults import Fault, Nth, Redirect, as_data
from uplab.scenarios.bundles.replay import (
    Replayed,
    _faults_differ,
    _is_reference,
    compare,
    exit_code,
    tally,
    where_to_keep,
    write_profile,
)
from uplab.scenarios.bundles.stored import StoredError
from uplab.scenarios.history.event import Event
from uplab.scenarios.under_test.profile import Profile, load_profile


def failed(*broken: tuple[str, str]) -> dict[str, Any]:
    kept = {"check": "in order", "outcome": "passed", "hop": None}
    verdicts = [{"check": check, "outcome": "failed", "hop": hop} for check, hop in broken]
    return {"outcome": "failed", "verdicts": [kept, *verdicts]}


LOST = failed(("none lost", "forwarder"))


@pytest.mark.parametrize(
    ("again", "meaning"),
    [
        (LOST, "REPRODUCED"),
        (failed(("none lost", "forwarder"), ("unaltered", "forwarder")), "REPRODUCED"),
        (failed(("none twice", "forwarder")), "DIFFERENT"),
        (failed(("none lost", "destination")), "DIFFERENT"),
        (failed(), "DIFFERENT"),
        ({"outcome": "passed", "verdicts": []}, "FIXED"),
        ({"outcome": "unknown", "verdicts": [], "reason": "too slow"}, "NOT RUN"),
        ({"outcome": "not applicable", "verdicts": [], "reason": "no api"}, "NOT RUN"),
    ],
)
def test_meaning_follows_from_check_and_hop(again: dict[str, Any], meaning: str) -> None:
    assert compare(LOST, again)[0] == meaning


def test_scenario_that_fails_without_a_verdict_is_the_same_failure() -> None:
    assert compare(failed(), failed())[0] == "REPRODUCED"


def test_difference_says_what_was_and_what_is() -> None:
    _, why = compare(LOST, failed(("none twice", "forwarder")))
    assert why == "then none lost at the forwarder, now none twice at the forwarder"


def plan(n: int, location: str) -> Event:
    """A history's line that plans a fault."""
    fault = Fault("moved", Nth(n), Redirect(location))
    return Event(1, 1.0, "w", "fault.planned", (), {"fake": "posthere", "faults": [as_data(fault)]})


def test_other_faults_than_then_are_said() -> None:
    first, same = plan(1, "http://127.0.0.1:41001/a"), plan(1, "http://127.0.0.1:52002/a")  # a port is drawn anew
    others = (plan(2, "http://127.0.0.1:41001/a"), plan(1, "http://127.0.0.1:41001/b"))

    assert _faults_differ([first, first], [same]) == ""
    assert _faults_differ([], [first]) == "", "a history of format 1 says nothing of its plans"
    for other in others:
        assert _faults_differ([first, first], [same, other]).startswith("plan 2 of faults is another one")


def test_profile_is_written_as_it_was_read() -> None:
    reference = load_profile(None)
    stored = {**reference.model_dump(), "name": 'mine "quoted" \\ über'}
    assert Profile.model_validate(tomllib.loads(write_profile(stored))).model_dump() == stored


def test_several_tries_are_counted_and_the_worst_is_told() -> None:
    fixed, again = Replayed("a", "FIXED", "it passes"), Replayed("a", "REPRODUCED", "none lost", "but")
    other = Replayed("b", "FIXED", "it passes")

    found = tally([[fixed, other], [again, other], [fixed, other]])

    assert found == [
        Replayed("a", "REPRODUCED", "REPRODUCED 1 of 3, FIXED 2 of 3: none lost", "but"),
        Replayed("b", "FIXED", "FIXED 3 of 3: it passes"),
    ]
    assert exit_code(found) == 1


@pytest.mark.parametrize("arguments", [["-x", "--report-dir", "mine", "-q"], ["-x", "--report-dir=mine", "-q"]])
def test_runs_are_kept_where_they_are_wanted(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPLAB_REPORT_DIR", "theirs")

    assert where_to_keep(arguments) == (Path("mine"), ["-x", "-q"])
    assert where_to_keep(["-x"]) == (Path("theirs"), ["-x"])
    monkeypatch.delenv("UPLAB_REPORT_DIR")
    assert where_to_keep(["-x"]) == (Path("reports/runs/replays"), ["-x"])
    with pytest.raises(StoredError, match="--report-dir names no folder"):
        where_to_keep(["--report-dir"])


SCENARIO = "http/test_did_it_work.py::test_bin_shows_exactly_the_uplinks_that_were_sent"
TWICE = ("--forwarder-command", f"{sys.executable} -m tests.faulty deliver-twice")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of a run against a forwarder that delivers twice."""
    folder = tmp_path_factory.mktemp("bundle")
    ended = uplab(folder, "run", "--seed", "7", "--report-dir", str(folder / "runs"), *TWICE, SCENARIO)
    assert ended.code == 1, ended.out
    [made] = (folder / "runs" / "latest" / "bundles").iterdir()
    return made


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (TWICE, 1, "REPRODUCED"),
        (("--forwarder-command", f"{sys.executable} -m uplab.simulator.forwarder"), 0, "FIXED"),
        (("--forwarder-command", f"{sys.executable} -m tests.faulty drop-authorization"), 1, "DIFFERENT"),
        (("--forwarder-command", "there-is-no-such-program"), 10, "NOT RUN"),
    ],
    ids=["same", "right", "other", "none"],
)
def test_failure_is_met_again(bundle: Path, tmp_path: Path, arguments: Sequence[str], code: int, said: str) -> None:
    ended = uplab(tmp_path, "replay", str(bundle), *arguments)

    assert (ended.code, ended.out.split("  ")[0]) == (code, said), ended.out + ended.err
    assert "bin shows exactly the uplinks that were sent" in ended.out
    assert "but frame" not in ended.out, "the same frames were sent"
    assert ("forwarder   " in ended.out) is (code != 10)


@nightly
def test_failure_is_met_again_as_often_as_one_likes(bundle: Path, tmp_path: Path) -> None:
    ended = uplab(tmp_path, "replay", str(bundle), "--repeat", "2", "--report-dir", str(tmp_path / "mine"), *TWICE)

    assert ended.code == 1, ended.out + ended.err
    assert "REPRODUCED 2 of 2" in ended.out
    [place] = (tmp_path / "mine").iterdir()
    assert sorted(path.name for path in place.iterdir()) == ["1", "2"]


def test_forwarder_that_is_judged_has_to_be_named(bundle: Path, tmp_path: Path) -> None:
    ended = uplab(tmp_path, "replay", str(bundle))

    assert ended.code == 4
    assert "say which forwarder is to be judged, with --forwarder-command" in ended.err
    assert "tests.faulty deliver-twice" in ended.err


def test_frames_of_another_seed_are_noticed(bundle: Path, tmp_path: Path) -> None:
    ended = uplab(tmp_path, "replay", str(bundle), "--seed", "8", *TWICE)
    assert "but frame 1 is another one than then" in ended.out


def test_stored_history_is_judged_again(bundle: Path, tmp_path: Path) -> None:
    ended = uplab(tmp_path, "recheck", str(bundle))

    assert ended.code == 1
    assert "failed   none twice (as before)" in ended.out
    assert ", 0 changed" in ended.out


@pytest.mark.parametrize("command", ["replay", "recheck"])
def test_what_is_no_bundle_is_wrong_usage(tmp_path: Path, command: str) -> None:
    ended = uplab(tmp_path, command, "nothing.zip")
    assert (ended.code, ended.err) == (4, "uplab: nothing.zip: there is no such file or folder\n")


@pytest.mark.parametrize(
    ("command", "known"),
    [
        ("/opt/python -m uplab.simulator.forwarder", True),
        ("/opt/python -m simulator.forwarder", True),  # as bundles say that were made before the import root
        ("/opt/python -m simulator.forwarder --listen x", False),
        ("touch x; /opt/python -m simulator.forwarder", False),
    ],
)
def test_reference_forwarder_is_known_by_its_older_name(command: str, known: bool) -> None:
    assert _is_reference(command) is known
