"""What is stated of each clause, by one run and by several."""

from dataclasses import replace
from typing import Any

import pytest

from tests.reports.paper.conftest import DEVIATION, MakeRun
from uplab.reports.matrix import matrix
from uplab.reports.paper.signoff import SignOff, Statement, as_data, sign_off
from uplab.reports.run import ReportError, read_run


def _of(one: SignOff, id_: str) -> Statement:
    return next(statement for statement in one.statements if statement.id == id_)


def test_each_clause_has_one_statement(made: MakeRun) -> None:
    run = read_run(made("a"))

    one = sign_off([run])

    assert [s.id for s in one.statements] == [p.clause.id for row in matrix(run).rows for p in row.proofs]
    assert sum(one.counts.values()) == len(one.statements)
    assert _of(one, "WGX-03").verdict == "not tested"
    assert _of(one, "WGX-03").why == "no verdict of the run names it"
    assert _of(one, "HTTP-05").verdict == "failed"
    assert _of(one, "HTTP-05").why.startswith("right headers: Authorization of u2 was missing")
    assert all(s.label in ("documented", "public", "our reading") for s in one.statements)


def test_failure_of_one_run_fails_the_whole_and_a_pass_of_one_is_enough(made: MakeRun) -> None:
    def mended(record: dict[str, Any]) -> None:
        for scenario in record["scenarios"]:
            scenario["outcome"] = "passed"
            for verdict in scenario["verdicts"]:
                verdict["outcome"] = "passed"

    red, green = read_run(made("red")), read_run(made("green", mended))
    part = replace(green, scenarios=green.scenarios[:1], selection="--only http in the suites")

    one = sign_off([green, red])

    assert _of(one, "HTTP-05").by_run == ("passed", "failed")
    assert _of(one, "HTTP-05").verdict == "failed"
    joined = sign_off([part, green])
    assert "not tested" in {s.by_run[0] for s in joined.statements if s.verdict == "passed"}


def test_agreed_deviation_is_no_failure_and_no_pass(made: MakeRun) -> None:
    def agreed(record: dict[str, Any]) -> None:
        broken = [one["id"] for one in record["scenarios"] if "HTTP-05" in one["requirements"]]
        record["deviations"] = [{**DEVIATION, "scenarios": broken}]

    one = sign_off([read_run(made("a", agreed))])

    assert _of(one, "HTTP-05").verdict == "agreed deviation"
    assert one.deviations[0][1].ticket == "IOT-412"


def test_runs_of_different_catalogues_are_not_joined(made: MakeRun) -> None:
    def other(record: dict[str, Any]) -> None:
        record["requirements"][0]["text"] = "something else"

    with pytest.raises(ReportError, match="do not say the same of "):
        sign_off([read_run(made("a")), read_run(made("b", other))])


def test_nothing_is_no_sign_off() -> None:
    with pytest.raises(ReportError, match="there is no run"):
        sign_off([])


def test_data_names_each_run_with_the_digest_of_its_record(made: MakeRun) -> None:
    stored = as_data(sign_off([read_run(made("a"))]))

    assert stored["format"] == 1
    assert len(stored["runs"][0]["sha256"]) == 64
    assert {clause["id"] for clause in stored["clauses"]} >= {"HTTP-05", "WGX-03"}
