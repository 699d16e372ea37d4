"""Failures of one cause are one: by check, hop and words, whatever their values."""

from dataclasses import replace

import pytest

from uplab.reports.causes import causes, template
from uplab.reports.run import Run, Scenario, Verdict


@pytest.mark.parametrize(
    ("sentence", "left"),
    [
        ("1 of 4 accepted uplinks lost: u37 never arrived", "n of n accepted uplinks lost: … never arrived"),
        ("9 lost: u1, u2, u3 and 4 more arrived", "n lost: … arrived"),
        ("r126 at posthere /x is d4", "… at posthere … is …"),
        ("payload.temperature is 21.50000000001, not -3,000.5", "payload.temperature is n, not n"),
        ('POST /iot-flow/v1/connections answered 500: {"a": [1]}', "POST … answered n: …"),
        ("it is 'Bearer x', not 'y'", "it is …, not …"),
        ("at posthere /killed, posthere /b", "at posthere … posthere …"),
        ("0018B20000000001 went to https://a.example.com/b?c=d", "… went to …"),
        ("Time is 2026-11-20T22:11:04.120+01:00", "Time is …"),
        ("connection 17 is OPENED", "connection n is OPENED"),
        ("u1 arrived at broker sites/# again, and v1/gateway/telemetry", "… arrived at broker … again, and …"),
        ("u1 arrived at broker sites/Paris:10e again: twice", "… arrived at broker … again: twice"),
        ("u1 arrived at broker 'sites/Hall 4' again", "… arrived at broker … again"),
        ("dead beef is no value, cafe neither", "dead beef is no value, cafe neither"),
        ("", ""),
    ],
)
def test_template_has_no_values(sentence: str, left: str) -> None:
    assert template(sentence) == left


def _verdict(**fields: object) -> Verdict:
    plain = Verdict("none lost", "HTTP-16", "failed", 1, "each arrives", "1 of 1 lost: u1", "forwarder", None, ())
    return replace(plain, **fields)  # type: ignore[arg-type]


def _failed(run: Run, number: int, *verdicts: Verdict, outcome: str = "failed") -> Scenario:
    return replace(run.of("failed")[0], id=f"a.py::{number}", outcome=outcome, verdicts=verdicts)


def _grouped(_run: Run, *scenarios: Scenario) -> list[list[str]]:
    return [[one.name for one in cause.scenarios] for cause in causes(scenarios)]


def _ids(run: Run) -> dict[str, str]:
    return {scenario.id: cause.id for cause in causes(run.scenarios) for scenario in cause.scenarios}


def test_values_make_no_new_cause_and_words_do(run: Run) -> None:
    first = _failed(run, 1, _verdict())
    same = _failed(
        run, 2, _verdict(happened="3 of 7 lost: u4, u5 and 1 more; it did arrive at posthere /x", examined=7)
    )
    more = _failed(run, 7, _verdict(happened="1 of 1 lost: u1 (and 11 more like it)"))
    other_words = _failed(run, 3, _verdict(happened="1 of 1 came late: u1"))
    other_hop = _failed(run, 4, _verdict(hop="destination.arrived"))
    other_check = _failed(run, 5, _verdict(check="none twice"))

    found = _grouped(run, first, same, more, other_words, other_hop, other_check)

    assert found == [["1", "2", "7"], ["3"], ["4"], ["5"]]


def test_a_scenario_has_the_cause_that_most_share(run: Run) -> None:
    early = _verdict(check="blame period", happened="u1 was tried 0.9 s too early")
    also = _verdict(check="in order", outcome="unknown", happened="nothing was delivered", hop=None)

    found = _grouped(run, _failed(run, 1, early, _verdict(), also), _failed(run, 2, _verdict()), _failed(run, 3, also))

    assert found == [["1", "2"], ["3"]]


def test_of_general_checks_the_promise_counts(run: Run) -> None:
    opened = _verdict(check="awaited", promised="connection 2 becoming OPENED", happened="after 5 s: []", hop=None)
    closed = replace(opened, promised="connection 7 becoming CLOSED")

    assert _grouped(run, _failed(run, 1, opened), _failed(run, 2, closed)) == [["1"], ["2"]]


def test_worst_come_first_then_those_that_spoilt_most(run: Run) -> None:
    unknown = [_failed(run, n, _verdict(outcome="unknown"), outcome="unknown") for n in (1, 2, 3)]
    late = [_failed(run, n, _verdict(happened="late")) for n in (5, 6)]

    assert _grouped(run, *unknown, _failed(run, 4, _verdict()), *late) == [["5", "6"], ["4"], ["1", "2", "3"]]


def test_id_is_the_same_in_every_run(run: Run) -> None:
    other = replace(run, seed=8, scenarios=(_failed(run, 9, _verdict(happened="4 of 9 lost: u88")),))

    assert _ids(replace(run, scenarios=(_failed(run, 1, _verdict()),)))["a.py::1"] == _ids(other)["a.py::9"]
    assert _ids(other) == {"a.py::9": "19829c"}, "tickets hold these ids: a change of the form is a new major one"
