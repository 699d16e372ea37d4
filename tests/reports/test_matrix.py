from dataclasses import replace

import pytest

from uplab.reports.matrix import Row, matrix
from uplab.reports.run import Clause, Requirement, Run, Scenario, Unreached, Verdict

A, B = (Requirement(f"HTTP-0{n}", "http.md", "D", "text", "forwarder") for n in (1, 2))


def _verdict(outcome: str, requirement: str | None = None) -> Verdict:
    return Verdict("check", requirement, outcome, 1, "promised", "happened", None, None, ())


def _scenario(outcome: str, *verdicts: Verdict, names: tuple[str, ...] = ("HTTP-01",)) -> Scenario:
    return Scenario("f.py::t", "t", "http", names, outcome, 0.1, "main", None, None, None, verdicts)


def _rows(run: Run, *scenarios: Scenario) -> dict[str, Row]:
    found = matrix(replace(run, requirements=(A, B), scenarios=scenarios))
    return {row.requirement.id: row for row in found.rows}


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ((), "gap"),
        (("passed", "passed"), "passed"),
        (("passed", "unknown"), "unknown"),
        (("unknown", "failed", "passed"), "failed"),
        (("not applicable",), "not applicable"),
        (("not applicable", "passed"), "passed"),
        (("not applicable", "unknown"), "unknown"),
    ],
)
def test_worst_scenario_judges_the_requirement(run: Run, outcomes: tuple[str, ...], verdict: str) -> None:
    assert _rows(run, *(_scenario(outcome) for outcome in outcomes))["HTTP-01"].verdict == verdict


def test_what_did_not_apply_is_counted_beside_a_pass(run: Run) -> None:
    assert _rows(run, _scenario("passed"), _scenario("not applicable"))["HTTP-01"].inapplicable == 1


def test_failure_is_blamed_on_the_requirement_it_names(run: Run) -> None:
    failed = _scenario("failed", _verdict("failed", "HTTP-01"), _verdict("passed"), names=("HTTP-01", "HTTP-02"))

    rows = _rows(run, failed)

    assert (rows["HTTP-01"].verdict, rows["HTTP-02"].verdict) == ("failed", "unknown")


def test_failure_without_a_name_counts_for_all(run: Run) -> None:
    failed = _scenario("failed", _verdict("failed", "HTTP-01"), _verdict("failed"), names=("HTTP-01", "HTTP-02"))

    assert _rows(run, failed)["HTTP-02"].verdict == "failed"


def test_scenario_that_broke_without_verdicts_fails_what_it_names(run: Run) -> None:
    assert _rows(run, _scenario("failed"))["HTTP-01"].verdict == "failed"


def test_verdict_may_fail_a_requirement_that_no_scenario_names(run: Run) -> None:
    rows = _rows(run, _scenario("failed", _verdict("failed", "HTTP-02")))

    assert rows["HTTP-02"].verdict == "failed"


def test_pass_in_passing_leaves_the_gap(run: Run) -> None:
    assert _rows(run, _scenario("passed", _verdict("passed", "HTTP-02")))["HTTP-02"].verdict == "gap"


def test_groups_come_in_the_order_of_the_documents(run: Run) -> None:
    found = matrix(replace(run, requirements=(*run.requirements[::-1], Requirement("NEW-1", "n.md", "O", "t", "page"))))

    assert [group.prefix for group in found.groups] == ["WGX", "HTTP", "TB", "COM", "DL", "NEW"]


def test_counts_cover_every_requirement_once(run: Run) -> None:
    found = matrix(run)

    assert sum(found.counts.values()) == len(run.requirements) == 35
    assert found.counts == {
        "failed": 4,
        "error": 0,
        "unknown": 4,
        "not reached": 0,
        "gap": 2,
        "not selected": 0,
        "passed": 23,
        "not applicable": 2,
    }
    assert "not reached" not in found.verdicts


def test_requirement_outside_of_the_catalogue_is_reported(run: Run) -> None:
    assert matrix(run).strangers == ("HTTP-99",)


def test_broken_fake_is_no_deviation_of_the_forwarder(run: Run) -> None:
    fake = replace(A, subject="fake")
    found = matrix(replace(run, requirements=(fake, B), scenarios=(_scenario("failed", names=("HTTP-01", "HTTP-02")),)))

    assert found.groups[0].deviations == ("HTTP-02",)


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ((), "not reached"),
        (("passed",), "not reached"),  # the rest might have failed
        (("not applicable",), "not reached"),
        (("passed", "unknown"), "unknown"),
        (("failed", "passed"), "failed"),
    ],
)
def test_requirement_whose_turn_never_came_is_not_reached(run: Run, outcomes: tuple[str, ...], verdict: str) -> None:
    later = Unreached("f.py::later", "later", "http", ("HTTP-01",))

    found = matrix(replace(run, requirements=(A, B), scenarios=tuple(map(_scenario, outcomes)), unreached=(later,)))

    assert [row.verdict for row in found.rows] == [verdict, "gap"]
    assert ("not reached" in found.verdicts) == (verdict == "not reached")


SPLIT = replace(A, clauses=tuple(Clause(f"HTTP-01.{letter}", "text", "forwarder", "documented") for letter in "ab"))
ONE = replace(B, clauses=(Clause("HTTP-02", "text", "forwarder", "documented"),))


def _proofs(run: Run, *scenarios: Scenario) -> dict[str, str]:
    """The verdict of each clause, and of each row under a name of its own."""
    found = matrix(replace(run, requirements=(SPLIT, ONE), scenarios=scenarios))
    proofs = {proof.clause.id: proof.verdict for row in found.rows for proof in row.proofs}
    return proofs | {f"row {row.requirement.id}": row.verdict for row in found.rows}


def _naming(outcome: str, *ids: str) -> Scenario:
    """A scenario with a verdict for each of these ids."""
    return replace(_scenario(outcome, *(_verdict(outcome, id_) for id_ in ids), names=ids), id=f"f.py::{ids}")


@pytest.mark.parametrize(
    ("a", "b", "row"),
    [
        ("passed", "passed", "passed"),
        ("passed", "failed", "failed"),
        ("passed", "unknown", "unknown"),
        ("failed", "unknown", "failed"),
    ],
)
def test_row_is_the_worst_of_its_clauses(run: Run, a: str, b: str, row: str) -> None:
    found = _proofs(run, _naming(a, "HTTP-01.a"), _naming(b, "HTTP-01.b"))

    assert (found["HTTP-01.a"], found["HTTP-01.b"], found["row HTTP-01"]) == (a, b, row)


def test_clause_that_no_verdict_names_is_a_gap_though_its_scenario_passed(run: Run) -> None:
    scenario = _scenario("passed", _verdict("passed", "HTTP-01.a"), names=("HTTP-01.a", "HTTP-01.b", "HTTP-02"))

    assert _proofs(run, scenario) == {
        "HTTP-01.a": "passed",
        "HTTP-01.b": "gap",
        "HTTP-02": "gap",
        "row HTTP-01": "gap",
        "row HTTP-02": "gap",
    }


def test_row_that_says_one_thing_is_its_own_clause(run: Run) -> None:
    found = _proofs(run, _naming("passed", "HTTP-02"))

    assert (found["HTTP-02"], found["row HTTP-02"]) == ("passed", "passed")


def test_scenario_that_names_a_whole_row_can_break_it_and_proves_no_clause(run: Run) -> None:
    passed = _proofs(run, _naming("passed", "HTTP-01.a"), _naming("passed", "HTTP-01"))
    failed = _proofs(run, _naming("passed", "HTTP-01.a"), _naming("failed", "HTTP-01"))

    assert (passed["HTTP-01.a"], passed["HTTP-01.b"]) == ("passed", "gap")
    assert (failed["HTTP-01.a"], failed["HTTP-01.b"], failed["row HTTP-01"]) == ("failed", "failed", "failed")


def test_clauses_are_no_strangers_and_deviations_name_them(run: Run) -> None:
    found = matrix(replace(run, requirements=(SPLIT,), scenarios=(_naming("failed", "HTTP-01.b"),)))

    assert found.strangers == ()
    assert found.groups[0].deviations == ("HTTP-01.b",)
    assert (found.clauses_of("failed"), found.clauses_of("gap")) == (("HTTP-01.b",), ("HTTP-01.a",))


def test_row_outside_of_a_selection_is_no_gap(run: Run) -> None:
    found = matrix(replace(run, selection="--only http in the suites"))

    assert (found.counts["gap"], found.counts["not selected"]) == (0, 2)
    assert "not selected" in found.verdicts
    assert "not selected" not in matrix(run).verdicts
