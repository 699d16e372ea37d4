from typing import Any

import pytest

from uplab.scenarios.load.growth import Sample
from uplab.scenarios.load.judging.judge import Judge
from uplab.scenarios.load.judging.series import Series
from uplab.scenarios.load.judging.under_way import Arrival
from uplab.scenarios.load.plan import load_plan
from uplab.scenarios.load.result import Band, Facts, result_of
from uplab.scenarios.under_test.profile import load_profile
from uplab.scenarios.under_test.target import RunOptions

OPTIONS = RunOptions(seed=1, profile=load_profile(None))


def judged(*, deliver: int = 5, unknown: int = 0) -> Judge:
    judge = Judge([("http-1", "http")], {"A": [0]}, series=Series(0, ["http"]), late_after_us=10**6)
    for number in range(5):
        judge.posted("A", "u", number, number, "d", 1_000, "accepted")
        if number < deliver:
            judge.arrived(Arrival(0, "A", "u", number, number, "d", 2_000 + number, 2_000 + number, True))
    judge.finish()
    judge.unknown = unknown
    return judge


def outcome(judge: Judge, facts: Facts | None = None, **given: Any) -> str:
    told: str = result_of(load_plan({"devices": 1, **given}), OPTIONS, judge, facts or Facts())["outcome"]
    return told


@pytest.mark.parametrize(
    ("judge", "facts", "given", "expected"),
    [
        (judged(), Facts(), {}, "passed"),
        (judged(deliver=4), Facts(), {}, "failed"),
        (judged(deliver=4), Facts(), {"expect": ["lost < 50%"]}, "passed"),
        (judged(), Facts(), {"expect": ["p99 < 1us"]}, "failed"),
        (judged(unknown=1), Facts(), {}, "unknown"),
        (judged(deliver=4, unknown=1), Facts(), {}, "failed"),
        (judged(), Facts(trouble="the sender 1 has ended"), {}, "unknown"),
        (judged(), Facts(died="the forwarder ended by SIGSEGV"), {}, "failed"),
        (judged(), Facts(), {"expect": ["memory < 1GB"]}, "unknown"),
    ],
)
def test_the_outcome_is_the_worst_of_all(judge: Judge, facts: Facts, given: dict[str, Any], expected: str) -> None:
    assert outcome(judge, facts, **given) == expected


def test_nothing_that_was_accepted_is_unknown() -> None:
    judge = Judge([("http-1", "http")], {"A": [0]}, series=Series(0, ["http"]), late_after_us=1)

    assert outcome(judge) == "unknown"


def test_a_leak_fails_where_it_was_asked_for() -> None:
    leaking = Facts(memory=[Sample(at, at * 100, 5e7 + at * 2e5) for at in range(100)])
    leaking.files = [Sample(at, at * 100, 20) for at in range(100)]

    assert outcome(judged(), leaking) == "passed"
    assert outcome(judged(), leaking, expect=["growing = 0"]) == "failed"


def test_what_a_restarted_forwarder_used_is_added_up() -> None:
    facts = Facts(bands=[Band(1.0, None, "x")])
    for pid, used in ((7, 1.0), (7, 3.0), (8, 0.5), (8, 2.0)):
        facts.note_cpu(pid, used)

    assert facts.forwarder_cpu_s == 5.0
