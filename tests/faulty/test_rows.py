"""Every clause of the catalogue has something known to be bad that turns it red, and a scenario that can do so."""

import importlib
import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.faulty.catalogue import CATALOGUE
from tests.faulty.detect import run_command
from tests.faulty.known_bad import KnownBad
from tests.nightly import nightly
from uplab.scenarios.checks.requirements import clauses

NOT_YET: set[str] = set()
"""Clauses that nothing known to be bad breaks yet; it may only become shorter."""


def test_every_clause_has_a_known_bad() -> None:
    broken = {requirement for bad in CATALOGUE.values() for requirement in bad.requirements}
    assert sorted(set(clauses()) - broken - NOT_YET) == []
    assert sorted(NOT_YET & broken) == [], "broken by now: take it off the list"
    assert broken <= set(clauses())


@cache
def claims(scenario: str) -> frozenset[str]:
    """The clauses that a scenario names in its marks, those of its parameters included; none where there is no such."""
    file, _, name = scenario.partition("::")
    module = importlib.import_module(f"uplab.scenarios.suites.{file.removesuffix('.py').replace('/', '.')}")
    marks = list(getattr(getattr(module, name, None), "pytestmark", ()))
    parameters = [one for mark in marks if mark.name == "parametrize" for one in mark.args[1]]
    marks += [mark for one in parameters for mark in getattr(one, "marks", ())]
    return frozenset(row for mark in marks if mark.name == "requirement" for row in mark.args)


def test_killing_scenarios_name_their_rows() -> None:
    wrong = [
        f"{bad.name}: {kill.scenario} does not claim to prove {kill.requirement}"
        for bad in CATALOGUE.values()
        for kill in bad.kills
        if kill.requirement not in claims(kill.scenario)
    ]
    assert wrong == []


def test_what_only_a_fake_can_break_is_broken_in_a_fake() -> None:
    broken = {row for bad in CATALOGUE.values() if bad.side == "fake" for row in bad.requirements}
    wanted = {one.id for one in clauses().values() if one.subject == "fake"} - NOT_YET
    assert sorted(wanted - broken) == []


def test_what_only_a_page_can_break_is_broken_on_a_page() -> None:
    kills = [kill for bad in CATALOGUE.values() for kill in bad.kills if "page" in (kill.hop, kill.scenario[:4])]
    broken = {kill.requirement for kill in kills}
    wanted = {one.id for one in clauses().values() if one.subject == "page"} - NOT_YET
    assert sorted(wanted - broken) == []


def test_scenario_that_is_not_there_names_nothing() -> None:
    assert claims("http/test_api.py::test_no_such_thing") == frozenset()


def outcomes(record: dict[str, Any]) -> dict[str, str]:
    """The outcome of each scenario of a run."""
    return {scenario["id"]: scenario["outcome"] for scenario in record["scenarios"]}


@nightly
@pytest.mark.parametrize("bad", [bad for bad in CATALOGUE.values() if bad.choices], ids=lambda bad: bad.name)
def test_reference_passes_what_kills_under_other_choices(bad: KnownBad, tmp_path: Path) -> None:
    """The usual run never meets these choices, so that what it passes says nothing about them."""
    command = run_command(bad, tmp_path, 1, bad.scenarios, known_bad=False)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(outcomes(json.loads((tmp_path / "latest" / "run.json").read_text())).values()) == {"passed"}
