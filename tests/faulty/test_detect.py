import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.faulty import detect
from tests.faulty.catalogue import CATALOGUE, find
from tests.faulty.detect import chosen, profile_text, read_result, run_command
from tests.faulty.known_bad import Kill, KnownBad, announcement, marker, swap
from tests.faulty.policy_forwarder import DEPARTURES, POLICY
from uplab.scenarios.under_test.profile import load_profile

ONE, OTHER = (
    Kill("HTTP-12", "http::test_one", "none twice"),
    Kill("TB-12", "thingsboard::test_other", "promise", "device"),
)
BAD = KnownBad("twice", "each is sent twice", "", (ONE,), lambda mark: mark())
BOTH = KnownBad("both", "two rows break", "", (ONE, OTHER), lambda mark: mark())


def said(bad: KnownBad, *, ran: bool = True) -> str:
    """What a log holds of a known-bad that ran."""
    return announcement(bad.name) + "\n" + (announcement(bad.name, ran=True) if ran else "")


def scenario(kill: Kill, outcome: str = "failed", **changes: Any) -> dict[str, Any]:
    """A scenario of a run record, with the verdict that a kill predicts."""
    verdict = {"check": kill.check, "outcome": outcome, "hop": kill.hop, "requirement": None, **changes}
    row = {"id": kill.scenario, "requirements": [kill.requirement], "outcome": outcome, "ended_s": 1.0}
    return {**row, "verdicts": [verdict]}


def verdict_of(bad: KnownBad, *scenarios: dict[str, Any], log: str | None = None) -> str:
    """What becomes of a known-bad in a run of these scenarios."""
    return read_result(bad, {"scenarios": list(scenarios)}, said(bad) if log is None else log).verdict


def test_predicted_check_kills() -> None:
    result = read_result(BAD, {"scenarios": [scenario(ONE)]}, said(BAD))
    assert (result.verdict, result.first_red_s, result.hops) == ("killed", 1.0, ("forwarder",))


def test_parameters_of_a_scenario_do_not_matter() -> None:
    assert verdict_of(BAD, {**scenario(ONE), "id": f"{ONE.scenario}[x]"}) == "killed"


@pytest.mark.parametrize(
    ("scenarios", "verdict"),
    [
        ([scenario(ONE, "passed")], "survived"),
        ([scenario(ONE, "unknown")], "survived"),
        ([scenario(ONE, check="another")], "killed by another"),
        ([scenario(ONE, "passed"), {**scenario(ONE), "id": "other"}], "killed by another"),
        ([{**scenario(ONE), "id": "other"}], "not run"),
        ([scenario(ONE, "not applicable")], "not run"),
        ([scenario(ONE, hop="network")], "wrong hop"),
    ],
)
def test_nothing_less_counts_as_a_kill(scenarios: list[dict[str, Any]], verdict: str) -> None:
    assert verdict_of(BAD, *scenarios) == verdict


@pytest.mark.parametrize("log", ["", announcement("twice"), announcement("twice", ran=True).replace("twice", "other")])
def test_silent_known_bad_is_no_kill(log: str) -> None:
    assert verdict_of(BAD, scenario(ONE), log=log) == "not run"


@pytest.mark.parametrize(
    ("named", "claimed", "verdict"),
    [
        ("HTTP-12", [], "killed"),
        (None, ["HTTP-01", "HTTP-12"], "killed"),
        (None, ["HTTP-01"], "killed by another"),
        ("HTTP-01", ["HTTP-01", "HTTP-12"], "killed by another"),
    ],
)
def test_red_that_blames_another_row_is_no_kill(named: str | None, claimed: list[str], verdict: str) -> None:
    assert verdict_of(BAD, {**scenario(ONE, requirement=named), "requirements": claimed}) == verdict


def test_each_row_must_turn_red() -> None:
    assert verdict_of(BOTH, scenario(ONE), scenario(OTHER)) == "killed"
    result = read_result(BOTH, {"scenarios": [scenario(ONE), scenario(OTHER, "passed")]}, said(BOTH))
    told = "TB-12: predicted promise in thingsboard::test_other; red is none twice of None at the forwarder"
    assert (result.verdict, result.note) == ("killed by another", told)


def test_place_that_is_gone_is_said() -> None:
    with pytest.raises(SystemExit, match="the place to patch is gone: int has no nothing"):
        swap(int, "nothing", lambda original: original)


def test_changed_code_marks_once() -> None:
    lines: list[str] = []
    mark = marker("twice", lines.append)
    mark()
    mark()
    assert lines == ['{"known_bad":"twice","ran":true}']


# Patches stay, so each is made in a child of its own; one import serves them all.
PATCH_ALL = """
import os
from tests.faulty.catalogue import CATALOGUE
for name, bad in CATALOGUE.items():
    child = os.fork()
    if child == 0:
        bad.patch(lambda: None)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        print(name)
"""


def test_every_place_to_patch_is_there() -> None:
    done = subprocess.run([sys.executable, "-c", PATCH_ALL], capture_output=True, text=True, check=True)
    assert done.stdout == ""


@pytest.mark.parametrize(
    "bad", [bad for bad in CATALOGUE.values() if bad.choices or bad.features], ids=lambda bad: bad.name
)
def test_choices_and_features_go_into_the_profile(bad: KnownBad, tmp_path: Path) -> None:
    file = tmp_path / "profile.toml"
    file.write_text(profile_text(bad), encoding="utf-8")
    profile = load_profile(file)
    assert {name: getattr(profile.choices, name) for name in bad.choices} == bad.choices
    assert all(getattr(profile.features, name) for name in bad.features)


def test_fake_is_patched_in_the_lab(tmp_path: Path) -> None:
    fake = next(bad for bad in CATALOGUE.values() if bad.side == "fake")
    command = run_command(fake, tmp_path, 1, ["x"])
    assert command[-3:] == ["-p", "tests.faulty.plugin", "x"]
    assert "--forwarder-command" not in command


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("no-such", 2, "there is no known-bad no-such; `python -m tests.faulty` lists them\n"),
        (
            "widgelix-report-as-text",
            2,
            "widgelix-report-as-text is a fake of the lab: "
            "UPLAB_KNOWN_BAD=widgelix-report-as-text uplab run -p tests.faulty.plugin\n",
        ),
    ],
)
def test_what_cannot_be_started_is_refused_in_one_line(name: str, code: int, words: str) -> None:
    command = [sys.executable, "-m", "tests.faulty", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (code, words)


@pytest.mark.parametrize("bad", [bad for bad in CATALOGUE.values() if bad.policy is not None], ids=lambda bad: bad.name)
def test_profile_of_a_policy_declares_what_its_forwarder_keeps(bad: KnownBad, tmp_path: Path) -> None:
    file = tmp_path / "profile.toml"
    file.write_text(profile_text(bad), encoding="utf-8")

    declared = load_profile(file).policy.model_dump(mode="json")

    kept = POLICY | dict(bad.policy or {})
    assert {name: declared[name] for name in kept if name not in ("never_again", "stops")} == {
        name: value for name, value in kept.items() if name not in ("never_again", "stops")
    }
    departure = DEPARTURES[bad.name.removeprefix("policy-")]
    assert any(kept.get(name) != value for name, value in departure.items())


def test_every_departure_is_known() -> None:
    assert {f"policy-{name}" for name in DEPARTURES} == {
        bad.name for bad in CATALOGUE.values() if bad.policy is not None
    }


def test_module_stands_for_all_that_is_in_it() -> None:
    names = {bad.name for bad in chosen(["tests/faulty/walks.py", "no-blame-period"])}

    assert {"page-says-new", "cancel-creates", "no-blame-period"} <= names
    assert "page-changes-nothing" not in names


def test_name_of_none_is_no_choice() -> None:
    with pytest.raises(KeyError, match="no-such"):
        chosen(["no-such"])


def test_change_of_a_module_or_of_a_suite_chooses_what_it_concerns(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = {"tests/faulty/addresses.py", "scenarios/suites/faults/test_strict.py", "README.md"}
    monkeypatch.setattr(detect, "changed", lambda _: changes)

    names = {bad.name for bad in chosen([], "main")}

    assert {"url-changes-with-put", "lenient-sends-again"} <= names
    assert "out-of-reach-is-lost" not in names


def test_each_is_found_alone() -> None:
    found = [find(name) for name in CATALOGUE]

    assert [bad and bad.name for bad in found] == list(CATALOGUE)
    assert find("no-such") is None


def test_what_is_said_of_each_counts_and_tells_how_long_the_rest_takes() -> None:
    killed = read_result(BAD, {"scenarios": [scenario(ONE)]}, said(BAD))
    survived = read_result(BAD, {"scenarios": [scenario(ONE, "passed")]}, said(BAD))

    assert detect._line(2, 8, killed, 60.0) == (
        "   2/8 ✓ killed twice (HTTP-12) by none twice at the forwarder, first red after 1.0 s; 3 min left"
    )
    assert detect._line(8, 8, survived, 240.0) == (
        "   8/8 ✕ survived twice (HTTP-12)\n      HTTP-12: predicted none twice in http::test_one"
    )


class Session:
    """What a run is stopped by."""

    shouldstop: str | bool = False


def watched(bad: KnownBad, *reports: tuple[str, str, dict[str, Any]]) -> list[str | bool]:
    """Whether the run is to stop, after each report: a node id, its part, and what the record says."""
    watcher, session = detect._Watcher(bad), Session()
    watcher.pytest_sessionstart(session)
    seen: list[str | bool] = []
    for id_, when, record in reports:
        blank = {"verdicts": [], "requirements": [], "late": [], "again": None, **record}
        watcher.pytest_runtest_logreport(SimpleNamespace(nodeid=id_, when=when, user_properties=[("uplab", blank)]))
        seen.append(session.shouldstop)
    return seen


def red(kill: Kill) -> dict[str, Any]:
    """The verdict of a kill."""
    return {"check": kill.check, "outcome": "failed", "hop": kill.hop, "requirement": kill.requirement}


def test_run_ends_when_each_predicted_kill_is_there() -> None:
    first = (ONE.scenario, "call", {"verdicts": [red(ONE)]})
    other = (OTHER.scenario, "call", {"verdicts": [red(OTHER)]})
    ends: list[tuple[str, str, dict[str, Any]]] = [(kill.scenario, "teardown", {}) for kill in (ONE, OTHER)]

    assert watched(BOTH, first, ends[0], other, ends[1]) == [False, False, False, "killed as predicted"]


def test_try_that_does_not_count_kills_nothing() -> None:
    late = {"verdicts": [red(ONE)], "again": "the lab was late"}

    assert watched(BAD, (ONE.scenario, "call", late), (ONE.scenario, "teardown", {"again": "late"})) == [False, False]


def test_what_is_seen_after_its_scenario_counts_for_it() -> None:
    late = {"late": [(ONE.scenario, red(ONE))]}

    assert watched(BAD, ("other", "teardown", late)) == ["killed as predicted"]
