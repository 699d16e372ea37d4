from __future__ import annotations

import pytest

from uplab.scenarios.checks.verdict import CheckFailed, CheckUnknown, Outcome, Verdict, raise_for, worst


def verdict(outcome: Outcome, check: str = "none lost") -> Verdict:
    return Verdict(check, outcome, 1, "all arrive", "one is missing")


@pytest.mark.parametrize(
    ("outcomes", "result"),
    [
        (["passed", "passed"], "passed"),
        (["passed", "unknown"], "unknown"),
        (["unknown", "failed", "passed"], "failed"),
        ([], "unknown"),
    ],
)
def test_worst_verdict_wins(outcomes: list[Outcome], result: str) -> None:
    assert worst([verdict(outcome) for outcome in outcomes]) == result


def test_passed_verdicts_raise_nothing() -> None:
    raise_for([verdict("passed"), verdict("passed")])


def test_nothing_judged_is_unknown() -> None:
    with pytest.raises(CheckUnknown, match=r"^nothing was judged$"):
        raise_for([])


def test_unknown_verdict_is_no_pass() -> None:
    with pytest.raises(CheckUnknown, match=r"^none lost unknown\n"):
        raise_for([verdict("passed"), verdict("unknown")])


def test_failure_is_told_before_the_unknown() -> None:
    with pytest.raises(CheckFailed) as caught:
        raise_for([verdict("unknown", "in order"), verdict("passed", "unaltered"), verdict("failed")])

    text = str(caught.value)
    assert text.startswith("none lost failed\n")
    assert text.index("none lost failed") < text.index("in order unknown")
    assert "unaltered" not in text


def test_text_tells_promise_hop_and_advice() -> None:
    told = Verdict("none lost", "failed", 3, "all arrive", "u2 is missing", "forwarder", "read its log", ("u2", "u3"))

    assert told.proving("HTTP-12").text().splitlines() == [
        "HTTP-12: none lost failed",
        "  promised: all arrive",
        "  happened: u2 is missing",
        "  diverged: at the forwarder (u2, u3)",
        "  try:      read its log",
    ]


def test_text_leaves_out_what_is_not_known() -> None:
    assert verdict("failed").text().splitlines() == [
        "none lost failed",
        "  promised: all arrive",
        "  happened: one is missing",
    ]


def test_proving_ties_it_to_a_requirement_and_changes_nothing_else() -> None:
    assert verdict("passed").proving("DL-04").as_dict() == {**verdict("passed").as_dict(), "requirement": "DL-04"}


def test_plain_data_holds_lists() -> None:
    assert Verdict("c", "passed", 1, "p", "h", ids=("u1",)).as_dict()["ids"] == ["u1"]
