"""A scenario that the lab itself was too late for is tried once more; what it then says counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.suite_runs import run_suite, write_suite

# `stall` holds the lab's loop, as a machine does that has no time for it; TRIES counts across both tries.
SUITE = """
    import threading
    import pytest
    from uplab.scenarios.checks.verdict import CheckUnknown
    from uplab.scenarios.lab.heartbeat import LATE_S, LabLateError

    def stall(lab):
        lab.loop.call(lambda: threading.Event().wait(2 * LATE_S))

    def test_late_once(lab):
        if lab.tries == 1:
            stall(lab)
            lab.expect("a state", False, "after 5 s: OPENING", check="awaited")
        lab.expect("a state", True, "OPENED", check="awaited")

    def test_late_twice(lab):
        stall(lab)
        lab.expect("a state", False, f"try {lab.tries}: OPENING", check="awaited")

    def test_too_short_a_window(lab):
        if lab.tries == 1:
            raise LabLateError("this machine was too slow: sending took too long")
        lab.expect("it is told", True, "told")

    def test_time_up(lab):
        if lab.tries == 1:
            stall(lab)
            raise TimeoutError("a step")
        lab.expect("a step", True, "done")

    @pytest.fixture
    def slow_given(lab):
        if lab.tries == 1:
            stall(lab)
            lab.expect("a state", False, "after 5 s: OPENING", check="awaited")

    def test_late_in_what_is_given(lab, slow_given):
        lab.expect("a state", True, "OPENED")

    def test_late_and_wrong(lab):
        stall(lab)
        lab.expect("one is two", False, f"try {lab.tries}")

    def test_unclear_in_time(lab):
        lab.heartbeat.begin()
        raise CheckUnknown(f"try {lab.tries}")
"""
PROFILE = 'name = "mine"\n[features]\napi = true\n'


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_scenario_of_a_late_lab_is_tried_once_more(tmp_path: Path, workers: list[str]) -> None:
    folder = write_suite(tmp_path, test_slow=SUITE)
    (folder / "mine.toml").write_text(PROFILE)

    ended = run_suite(folder, "--forwarder-profile", str(folder / "mine.toml"), *workers)

    assert ended.outcomes == {
        "late once": "passed",
        "late twice": "unknown",
        "too short a window": "passed",
        "time up": "passed",
        "late in what is given": "passed",
        "late and wrong": "failed",
        "unclear in time": "unknown",
    }
    assert [v["outcome"] for v in ended.scenario("late once")["verdicts"]] == ["passed"], "the first try does not count"
    assert "the lab itself came up to" in str(ended.scenario("late once")["again"])
    assert "try 2: OPENING; but this machine was too slow" in str(ended.scenario("late twice")["message"])
    assert "try 1" in str(ended.scenario("late and wrong")["message"])
    assert ended.code == 1
    assert "scenarios were tried once more: " in ended.out
