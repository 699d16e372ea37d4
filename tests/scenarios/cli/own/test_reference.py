"""The reference is made of the code: nothing public is missing in it."""

from __future__ import annotations

import typing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from uplab.fakes.faults import Action, Trigger
from uplab.scenarios.checks.checks import CHECKS
from uplab.scenarios.cli.main import app
from uplab.scenarios.cli.own.reference import TOPICS, pages_to, suites
from uplab.scenarios.cli.table import COMMANDS
from uplab.scenarios.history.hops import HOPS
from uplab.scenarios.run import awake, fixtures
from uplab.scenarios.run.exit_codes import MEANINGS
from uplab.scenarios.run.option_table import VALUED
from uplab.scenarios.run.suites import SUITES
from uplab.scenarios.under_test.profile import FEATURES

NAMES = {
    "fixtures": [f"## {name}" for name in (*awake.__all__, *fixtures.__all__)],
    "checks": [f"**{name}**" for name, one in CHECKS.items() if not one.own],
    "faults": [f"**{part.__name__}**" for part in (*typing.get_args(Trigger), *typing.get_args(Action))],
    "hops": [f"## {name}" for name in HOPS],
    "profile": [f"`{name}`" for name in FEATURES],
    "options": [*VALUED, *(f"`uplab {name}`" for name in COMMANDS)],
    "exit-codes": [f"**{code}**" for code in MEANINGS],
    "suites": [f"## {path.name}" for path in SUITES.iterdir() if list(path.glob("test_*.py"))],
}


@pytest.mark.parametrize("topic", TOPICS)
def test_nothing_is_missing(topic: str) -> None:
    page = TOPICS[topic]()

    assert page.startswith("# ")
    assert [name for name in NAMES[topic] if name not in page] == []


def test_each_scenario_stands_there_with_its_clauses() -> None:
    page = suites()

    assert "- **every uplink is delivered" not in page, "no scenario is called so"
    assert "- **bin shows exactly the uplinks that were sent** (HTTP-12.a" in page
    assert page.count("\n- **") == sum(path.read_text().count("\ndef test_") for path in SUITES.rglob("test_*.py"))


def test_lab_is_told_with_what_it_can_do() -> None:
    page = TOPICS["fixtures"]()

    assert "- `judge_delivery(sent: Iterable[Sent], connection: LabConnection" in page
    assert "- `requests()`: What the bin has taken" in page


def test_pages_are_written_and_a_topic_that_is_none_is_said(tmp_path: Path) -> None:
    assert [path.name for path in pages_to(tmp_path / "reference")] == [f"{name}.md" for name in TOPICS]
    ended = CliRunner().invoke(app, ["reference", "toasters"])
    assert (ended.exit_code, ended.output.count("\n")) == (4, 1)
