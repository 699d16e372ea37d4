from typing import Any

import pytest

from uplab.scenarios.load.expect import DEFAULTS, met, read_expectation
from uplab.scenarios.load.judging.tally import KINDS, Tally
from uplab.simulator.fleets.tables import PlanError


def result(**changes: Any) -> dict[str, Any]:
    tally = Tally()
    tally.owed, tally.delivered = 1_000, 990
    for _ in range(100):
        tally.sketch.add(500_000)
    whole = {**tally.as_data(), **changes}
    return {
        "whole": whole,
        "groups": {"http": whole},
        "outcomes": {"accepted": 1_000, "refused": 3, "unclear": 0},
        "unknown": 0,
        "duration_s": 10.0,
        "forwarder": {"most_memory": 80e6},
    }


@pytest.mark.parametrize(
    ("sentence", "outcome"),
    [
        ("p99 < 2s", "passed"),
        ("p99<400ms", "failed"),
        ("http p50 <= 0.5 s", "passed"),
        ("thingsboard p50 < 1s", "unknown"),
        ("lost = 0", "failed"),
        ("lost == 7", "passed"),
        ("lost < 1%", "passed"),
        ("lost < 0.5%", "failed"),
        ("out of order = 0", "passed"),
        ("rate > 98/s", "passed"),
        ("rate >= 100", "failed"),
        ("refused <= 3", "passed"),
        ("memory < 100MB", "passed"),
        ("memory < 79999 kB", "failed"),
        ("files < 50", "unknown"),
    ],
)
def test_a_sentence_is_held_against_what_was_seen(sentence: str, outcome: str) -> None:
    assert met(read_expectation("--expect", sentence), result(lost=7)).outcome == outcome


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("fast", "no expectation; write as"),
        ("p98 < 2s", "there is no p98; there are"),
        ("p99 < 2", "p99 takes min, ms, s, us, not a bare number"),
        ("lost = 0s", "lost takes %, not s"),
        ("http refused = 0", "of the whole load"),
        ("lost = -1", "no expectation"),
        ("tb lost = 0", "there is no tb lost"),
    ],
)
def test_what_is_no_sentence_is_said_in_one_line(sentence: str, words: str) -> None:
    with pytest.raises(PlanError) as complaint:
        read_expectation("--expect", sentence)

    assert words in str(complaint.value)
    assert "\n" not in str(complaint.value)


def test_every_kind_is_expected_not_to_be_unless_said_otherwise() -> None:
    assert [one.measure for one in DEFAULTS] == list(KINDS)
    assert {met(one, result()).outcome for one in DEFAULTS} == {"passed"}
    assert [met(one, result(twice=1)).outcome for one in DEFAULTS].count("failed") == 1


def test_where_nothing_was_seen_nothing_is_passed() -> None:
    assert met(read_expectation("", "p99 < 2s"), result(p99_s=None)).outcome == "unknown"
