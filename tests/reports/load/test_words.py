from typing import Any

import pytest

from uplab.reports.load.words import MEANINGS, anomaly, duration, seen, summary, verdict
from uplab.scenarios.load.expect import met, read_expectation
from uplab.scenarios.load.judging.judge import Judge
from uplab.scenarios.load.judging.series import Series
from uplab.scenarios.load.judging.tally import KINDS
from uplab.scenarios.load.judging.under_way import Arrival
from uplab.scenarios.load.result import judged_alone


def result(*, lose: bool = False, expect: str | None = None) -> dict[str, Any]:
    judge = Judge([("http-1", "http")], {"A": [0]}, series=Series(0, ["http"]), late_after_us=10**6)
    for number in range(1, 6):
        judge.posted("A", "u", number, 1_767_225_600_000 + number, "d", number * 1_000, "accepted")
        if not (lose and number == 3):
            at_us = number * 1_000 + 400
            judge.arrived(Arrival(0, "A", "u", number, 1_767_225_600_000 + number, "d", at_us, at_us + 5, True))
    judge.finish()
    return judged_alone(judge, (read_expectation("", expect),) if expect else ())


def test_reports_know_every_kind_by_the_same_words() -> None:
    assert dict(KINDS) == MEANINGS


def test_a_load_that_went_well_says_so() -> None:
    told = list(summary(result()))

    assert told[0] == "passed: 5 uplinks accepted, each delivered once, in order and unaltered"
    assert any("5 of 5 delivered" in line for line in told)


def test_what_was_lost_is_named() -> None:
    told = list(summary(result(lose=True)))

    assert told[0] == "failed: 1 lost"
    assert any("A, FCntUp 3, 2026-01-01T00:00:00.003+00:00 at http-1" in line for line in told)


def test_what_was_expected_and_is_not_met_is_told() -> None:
    found = result(expect="p99 < 1us")

    assert verdict(found) == "failed: expected p99 < 1us"
    assert any("failed  expected p99 < 1us, seen" in line for line in summary(found))


def test_nothing_accepted_is_unknown() -> None:
    judge = Judge([("http-1", "http")], {"A": [0]}, series=Series(0, ["http"]), late_after_us=1)

    assert verdict(judged_alone(judge, ())) == "unknown: nothing was accepted"
    assert met(read_expectation("", "lost = 0"), result()).outcome == "passed"


def test_what_an_anomaly_says_moves_no_cursor() -> None:
    told = anomaly({"dev_eui": "\x1b[2J", "f_cnt": None, "time_ms": 10**30, "place": "p", "words": "no document: \x07"})

    assert "\x1b" not in told
    assert "\x07" not in told


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "-"), (0.00042, "0.42 ms"), (0.017, "17 ms"), (1.25, "1.25 s"), (250, "4 min 10 s")]
)
def test_durations_are_for_people(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words
    assert seen(None) == "nothing"
