from dataclasses import replace

import pytest

from uplab.reports.headline import headline, repeat_command, shown_outcomes, worst_first
from uplab.reports.run import Run, Unreached


def _only(run: Run, *outcomes: str, exit_code: int = 0) -> Run:
    kept = tuple(scenario for scenario in run.scenarios if scenario.outcome in outcomes)
    return replace(run, scenarios=kept, exit_code=exit_code)


@pytest.mark.parametrize(
    ("outcomes", "exit_code", "outcome", "word"),
    [
        (("passed", "not applicable"), 0, "passed", "Passed"),
        (("passed", "failed", "unknown"), 1, "failed", "Failed"),
        (("passed", "failed"), 2, "failed", "Failed"),
        (("passed", "unknown"), 10, "unknown", "Unknown"),
        (("passed", "unknown"), 0, "unknown", "Unknown"),
        (("passed",), 10, "unknown", "Unknown"),
        (("passed",), 1, "failed", "Failed"),
        (("passed",), 6, "error", "Error"),
        (("passed",), 2, "failed", "Interrupted"),
        (("passed",), 3, "failed", "Broken off"),
        (("not applicable",), 0, "unknown", "Nothing examined"),
        (("passed", "failed"), 0, "passed", "As known"),
        (("passed", "failed", "unknown"), 10, "unknown", "Unknown"),
        ((), 5, "unknown", "Nothing ran"),
        ((), 0, "unknown", "Nothing ran"),
    ],
)
def test_word_for_the_run(run: Run, outcomes: tuple[str, ...], exit_code: int, outcome: str, word: str) -> None:
    said = headline(_only(run, *outcomes, exit_code=exit_code))

    assert (said.outcome, said.word) == (outcome, word)


def test_sentence_counts_the_failures(run: Run) -> None:
    assert headline(run).sentence == "4 of 30 scenarios failed"


def test_known_failures_are_never_called_passed(run: Run) -> None:
    known = headline(_only(run, "passed", "failed", exit_code=0))

    assert known.sentence == "4 of 26 scenarios failed, exactly those listed as known"


def test_gate_is_what_made_the_run_red(run: Run) -> None:
    gated = replace(_only(run, "passed", exit_code=1), gate=("gate: 0 faults were delivered",))

    assert headline(gated).sentence == "no scenario failed, but the run did (exit code 1); what was missed stands below"


def test_reference_run_is_repeated_by_its_seed(run: Run) -> None:
    assert repeat_command(run) == "uplab run --seed 7"
    assert repeat_command(replace(run, random_order=True)) == "uplab run --seed 7 --shuffle"


def test_foreign_forwarder_is_part_of_the_command(run: Run) -> None:
    forwarder = replace(run.forwarder, command="node 'my forwarder.js'", profile="node")

    assert repeat_command(replace(run, forwarder=forwarder)) == (
        "uplab run --seed 7 --forwarder-command 'node '\"'\"'my forwarder.js'\"'\"'' --forwarder-profile node.toml"
    )


def test_forwarder_elsewhere_is_asked_for(run: Run) -> None:
    command = repeat_command(replace(run, forwarder=replace(run.forwarder, command=None)))

    assert "--forwarder-api URL --forwarder-ingress URL" in command


def test_stored_command_wins(run: Run) -> None:
    assert repeat_command(replace(run, repeat="make run ARGS=1")) == "make run ARGS=1"


def test_one_scenario_is_named_as_the_shell_needs_it(run: Run) -> None:
    scenario = replace(run.scenarios[0], id="scenarios/http/test_x.py::test_y[a b]")

    assert repeat_command(run, scenario) == "uplab run --seed 7 'scenarios/http/test_x.py::test_y[a b]'"


def test_stored_command_of_one_scenario_leaves_the_selection_away(run: Run) -> None:
    told = replace(run, repeat="uplab run --seed 7 --only http -k x", repeat_one="uplab run --seed 7")

    assert repeat_command(told) == "uplab run --seed 7 --only http -k x"
    assert repeat_command(told, run.scenarios[0]) == f"uplab run --seed 7 {run.scenarios[0].id}"


def test_scenario_is_named_as_its_user_found_it(run: Run) -> None:
    scenario = replace(run.scenarios[0], id="test_x.py::test_y", path="my suites/test_x.py")

    assert repeat_command(run, scenario) == "uplab run --seed 7 'my suites/test_x.py::test_y'"


@pytest.mark.parametrize(
    ("exit_code", "outcomes", "sentence"),
    [
        (2, ("passed",), "the run was stopped before its end (exit code 2); nothing had failed among 22 scenarios; "),
        (2, ("failed",), "4 of 4 scenarios failed, and the run was stopped before its end; "),
        (2, (), "the run was stopped before its end (exit code 2); no scenario had ended; "),
        (3, ("unknown",), "the run could not go on (exit code 3); nothing had failed among 2 scenarios; "),
        (1, ("failed",), "4 of 4 scenarios failed; "),
    ],
)
def test_sentence_counts_what_was_not_reached(
    run: Run, exit_code: int, outcomes: tuple[str, ...], sentence: str
) -> None:
    later = tuple(Unreached(f"f.py::{n}", str(n), "http", ()) for n in range(1_200))
    told = replace(_only(run, *outcomes, exit_code=exit_code), unreached=later)

    assert headline(told).sentence == f"{sentence}1,200 not reached"


def test_error_has_a_number_only_where_there_is_one(run: Run) -> None:
    broken = replace(run.scenarios[0], outcome="error")
    with_one = replace(run, scenarios=(*run.scenarios, broken))

    assert "error" not in shown_outcomes(run)
    assert shown_outcomes(with_one)[:2] == ("failed", "error")
    assert [one.outcome for one in worst_first(with_one)] == ["failed"] * 4 + ["error"] + ["unknown"] * 2
