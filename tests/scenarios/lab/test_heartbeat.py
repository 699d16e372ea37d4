"""The lab's own pulse: what it says of a machine that stood still, and what it excuses."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.lab.heartbeat import EVERY_S, LATE_S, Heartbeat, Pulse
from uplab.scenarios.lab.loop import LoopThread

MISSED = Verdict("awaited", "failed", 1, "a state", "after 5 s: OPENING", "forwarder", None, question={"check": "x"})


@pytest.fixture
def loop() -> Iterator[LoopThread]:
    loop = LoopThread()
    yield loop
    loop.stop()


@pytest.fixture
def heartbeat(loop: LoopThread) -> Iterator[Heartbeat]:
    heartbeat = Heartbeat(loop)
    yield heartbeat
    heartbeat.stop()


def block(loop: LoopThread, for_s: float) -> None:
    loop.call(lambda: threading.Event().wait(for_s))


def test_worst_beat_counts_until_the_next_scenario_begins() -> None:
    pulse = Pulse(due_s=10.0)
    pulse.beat(10.5)
    pulse.beat(10.5 + EVERY_S)

    assert pulse.lateness_s(10.6) == 0.5
    pulse.begin(11.0)
    assert pulse.lateness_s(11.0) == 0


def test_beat_that_has_not_come_yet_counts() -> None:
    pulse = Pulse(due_s=10.0)

    assert pulse.lateness_s(13.0) == 3.0


def test_missed_deadline_of_a_lab_that_stood_still_is_unknown(loop: LoopThread, heartbeat: Heartbeat) -> None:
    block(loop, 2 * LATE_S)

    verdict = heartbeat.excused(MISSED)

    assert (verdict.outcome, verdict.hop, verdict.question) == ("unknown", None, None)
    assert "after 5 s: OPENING; but this machine was too slow: the lab itself came up to" in verdict.happened


def test_what_no_lateness_explains_stays_failed(loop: LoopThread, heartbeat: Heartbeat) -> None:
    block(loop, 2 * LATE_S)
    altered = Verdict("unaltered", "failed", 1, "as it came", "payload is missing", "forwarder")

    assert heartbeat.excused(altered) is altered


def test_missed_deadline_of_a_lab_in_time_stays_failed(heartbeat: Heartbeat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Heartbeat, "lateness_s", LATE_S - 0.01)

    assert heartbeat.excused(MISSED) is MISSED


def test_forwarder_that_found_no_processor_for_half_of_the_time_is_excused(
    heartbeat: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = iter([100.0, 104.0, 104.0, 103.9])
    heartbeat.kept_waiting_s = lambda: next(kept)
    now_s = 1000.0
    monkeypatch.setattr(Heartbeat, "lateness_s", 0.0)
    monkeypatch.setattr("uplab.scenarios.lab.heartbeat.time.monotonic", lambda: now_s)
    heartbeat.begin()
    now_s += 8.0

    assert "for 4.0 of 8.0 s the forwarder was ready to run, and no processor was free" in str(heartbeat.late)
    assert heartbeat.excused(MISSED).outcome == "unknown"
    assert heartbeat.late is None, "less than half of the time"


def test_new_scenario_is_not_excused_by_an_old_one(loop: LoopThread, heartbeat: Heartbeat) -> None:
    block(loop, 2 * LATE_S)
    stood_still_s = heartbeat.lateness_s
    heartbeat.begin()

    assert heartbeat.lateness_s < stood_still_s


@pytest.mark.parametrize(("lateness_s", "outcome"), [(3.5, "unknown"), (2.5, "failed")])
def test_what_comes_again_is_nobody_s_where_the_lab_was_late_for_longer_than_an_answer_is_awaited(
    heartbeat: Heartbeat, monkeypatch: pytest.MonkeyPatch, lateness_s: float, outcome: str
) -> None:
    monkeypatch.setattr(Heartbeat, "lateness_s", lateness_s)
    again = Verdict("none twice", "failed", 1, "once", "u1 came again", "forwarder")

    assert heartbeat.excused_repeat(again, 3.0).outcome == outcome
    assert heartbeat.excused_repeat(MISSED, 3.0) is MISSED, "that is said by the other"
