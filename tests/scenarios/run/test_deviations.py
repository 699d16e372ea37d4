"""Deviations that were agreed on: what they explain, what they do not, and when they are over."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from uplab.scenarios.run.deviations import Deviations, read_deviations

TODAY = dt.date(2026, 12, 1)


def record(
    outcome: str = "failed", *broken: str | None, requirements: tuple[str, ...] = ("HTTP-16.a",)
) -> dict[str, Any]:
    """A scenario's record with a failed verdict for each clause that is given."""
    verdicts = [{"outcome": "failed", "requirement": one} for one in broken]
    passed = [{"outcome": "passed", "requirement": requirements[0]}] if requirements else []
    return {"outcome": outcome, "requirements": list(requirements), "verdicts": [*passed, *verdicts], "path": None}


def written(tmp_path: Path, *rows: str, until: str = "2027-01-31") -> Path:
    told = f'reason = "agreed"\nticket = "IOT-412"\nowner = "connector team"\nuntil = {until}\n'
    path = tmp_path / "deviations.toml"
    path.write_text("\n".join(f"[[deviation]]\n{row}\n{told}" for row in rows))
    return path


def judged(
    path: Path, scenarios: dict[str, Any], code: int = 1, causes: dict[str, str] | None = None
) -> tuple[int, Deviations]:
    found = read_deviations(path)
    return found.judge(scenarios, code, causes=lambda: causes or {}, today=TODAY), found


@pytest.mark.parametrize("clause", ["HTTP-16.a", "http-16.a", "HTTP-16"])
def test_failure_of_an_agreed_clause_is_not_counted(tmp_path: Path, clause: str) -> None:
    path = written(tmp_path, f'clause = "{clause}"')

    code, found = judged(path, {"a.py::x": record("failed", "HTTP-16.a"), "a.py::y": record("passed")})

    assert (code, found.lines) == (0, [])
    assert [(one["state"], one["scenarios"]) for one in found.states] == [("met", ["a.py::x"])]


@pytest.mark.parametrize("others", [("HTTP-12.a",), (None,)])
def test_another_failure_of_the_same_scenario_counts(tmp_path: Path, others: tuple[str | None, ...]) -> None:
    scenario = record("failed", "HTTP-16.a", *others, requirements=("HTTP-12.a", "HTTP-16.a"))

    assert judged(written(tmp_path, 'clause = "HTTP-16.a"'), {"a.py::x": scenario})[0] == 1


def test_two_deviations_explain_a_scenario_together(tmp_path: Path) -> None:
    path = written(tmp_path, 'clause = "HTTP-16.a"', 'clause = "HTTP-12"')

    assert judged(path, {"a.py::x": record("failed", "HTTP-16.a", "HTTP-12.a")})[0] == 0


def test_failure_without_a_verdict_is_explained_by_all_that_its_scenario_names(tmp_path: Path) -> None:
    path = written(tmp_path, 'clause = "HTTP-16"')

    assert judged(path, {"a.py::x": record("failed")})[0] == 0
    assert judged(path, {"a.py::x": record("failed", requirements=("HTTP-16.a", "DL-02.a"))})[0] == 1
    assert judged(path, {"a.py::x": record("failed", requirements=())})[0] == 1


@pytest.mark.parametrize(("outcome", "code"), [("unknown", 10), ("error", 6)])
def test_what_is_no_failure_is_no_deviation(tmp_path: Path, outcome: str, code: int) -> None:
    scenarios = {"a.py::x": record("failed", "HTTP-16.a"), "a.py::y": record(outcome)}

    assert judged(written(tmp_path, 'clause = "HTTP-16.a"'), scenarios)[0] == code


def test_cause_and_scenario_are_deviations_too(tmp_path: Path) -> None:
    scenarios = {"a.py::x": record("failed", None), "a.py::y": record("failed", None)}
    path = written(tmp_path, 'cause = "c0ffee"', 'scenario = "a.py::y"')

    code, found = judged(path, scenarios, causes={"a.py::x": "c0ffee", "a.py::y": "decade"})

    assert code == 0
    assert [one["scenarios"] for one in found.states] == [["a.py::x"], ["a.py::y"]]


def test_past_its_date_it_explains_nothing_and_is_red(tmp_path: Path) -> None:
    path = written(tmp_path, 'clause = "HTTP-16.a"', until="2026-11-30")

    code, found = judged(path, {"a.py::x": record("passed")}, code=0)

    assert code == 1
    assert found.lines == ["deviation HTTP-16.a (IOT-412): it was agreed on until 2026-11-30; owner: connector team"]
    assert found.states[0]["state"] == "overdue"
    assert judged(path, {"a.py::x": record("failed", "HTTP-16.a")})[0] == 1


def test_on_its_last_day_it_holds(tmp_path: Path) -> None:
    path = written(tmp_path, 'clause = "HTTP-16.a"', until="2026-12-01")

    assert judged(path, {"a.py::x": record("failed", "HTTP-16.a")})[0] == 0


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        (("passed", "not applicable"), "passes again"),
        (("passed", "unknown"), "not seen"),
        (("not applicable",), "not seen"),
        ((), "not seen"),
    ],
)
def test_passing_again_is_told_and_not_red(tmp_path: Path, outcomes: tuple[str, ...], state: str) -> None:
    scenarios = {f"a.py::{n}": record(outcome) for n, outcome in enumerate(outcomes)}

    _, found = judged(written(tmp_path, 'clause = "HTTP-16"'), scenarios, code=0)

    assert [one["state"] for one in found.states] == [state]
    assert found.lines == []


def test_failure_outside_of_every_scenario_stays(tmp_path: Path) -> None:
    assert judged(written(tmp_path, 'clause = "HTTP-16"'), {"a.py::x": record("passed")}, code=1)[0] == 1


@pytest.mark.parametrize("code", [2, 3, 5])
def test_run_that_was_not_judged_stays_what_it_was(tmp_path: Path, code: int) -> None:
    assert judged(written(tmp_path, 'clause = "HTTP-16"'), {}, code=code)[0] == code


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[deviation]", "it is no TOML: "),
        ("a.py::x\n", "it is no TOML: "),
        ("deviation = 3", "it holds tables [[deviation]] and nothing else"),
        ('[other]\nx = "y"', "it holds tables [[deviation]] and nothing else, not 'other'"),
        ("[[deviation]]", "deviation 1: it names one of clause, cause, scenario, not none"),
        (
            '[[deviation]]\nclause = "HTTP-16"\ncause = "c0ffee"',
            "deviation 1: it names one of clause, cause, scenario, ",
        ),
        (
            '[[deviation]]\nclause = "HTTP-16"\nbecause = "x"',
            "deviation 1: there is no 'because'; it has clause, cause, ",
        ),
        ('[[deviation]]\nclause = "HTTP-16"', "deviation 1: reason is missing"),
        ("[[deviation]]\nclause = 16", "deviation 1: clause must be a text"),
    ],
)
def test_file_that_cannot_be_read_is_one_line(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "deviations.toml"
    path.write_text(text)

    with pytest.raises(pytest.UsageError) as told:
        read_deviations(path)

    assert str(told.value).startswith(f"--deviations {path}: {why}")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("row", "until", "why"),
    [
        ('clause = "HTTP-99"', "2027-01-31", "there is no clause HTTP-99; there are HTTP-01 to "),
        ('clause = "HTTP-16.z"', "2027-01-31", "there is no clause HTTP-16.z; there are HTTP-16.a to "),
        ('clause = "nonsense"', "2027-01-31", "there is no clause nonsense; they begin with "),
        ('cause = "HTTP-16"', "2027-01-31", "a cause is six hexadecimal digits, as reports give it, not 'HTTP-16'"),
        ('clause = "HTTP-16"', '"2027-01-31"', "until must be a date without quotes, as 2027-03-31"),
        ('clause = "HTTP-16"', "2027-01-31T00:00:00", "until must be a date without quotes, as 2027-03-31"),
    ],
)
def test_deviation_of_what_there_is_not_is_one_line(tmp_path: Path, row: str, until: str, why: str) -> None:
    with pytest.raises(pytest.UsageError) as told:
        read_deviations(written(tmp_path, row, until=until))

    assert f"deviation 1: {why}" in str(told.value)


def test_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(pytest.UsageError, match="No such file or directory"):
        read_deviations(tmp_path / "none.toml")
