from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from uplab.scenarios.cli.main import app
from uplab.scenarios.cli.where import known_bads, proofs, scenarios

SUITE = """
import pytest

pytestmark = pytest.mark.requirement("HTTP-02")
PROVES = {"none lost": "HTTP-12", "X-Thing": "HTTP-06"}


@pytest.mark.requirement("HTTP-01", "HTTP-12")
def test_both(lab):
    lab.judge_delivery([], None, proves=PROVES)
    lab.expect("it is there", True, "x", proves="HTTP-01")


def test_module_only(lab):
    lab.expect("nothing of a row", True, "x")
"""
FAULTY = """
@BAD.bad("loses-it", "it is lost", requirement="HTTP-12", models="x", scenario="a", check="none lost")
def loses_it(mark): ...


for place in PLACES:
    BAD.bad(f"tells-{place}", "it is told", requirement="COM-21", models="x", scenario="a", check="b",
            also=(Kill("HTTP-12", "a", "b"),))
"""


@pytest.fixture
def suites(tmp_path: Path) -> Path:
    (tmp_path / "http").mkdir()
    (tmp_path / "http" / "test_it.py").write_text(SUITE)
    return tmp_path


@pytest.mark.parametrize(
    ("row", "names"),
    [
        ("HTTP-12", ["http/test_it.py::test_both"]),
        ("HTTP-02", ["http/test_it.py::test_both", "http/test_it.py::test_module_only"]),
        ("HTTP-03", []),
    ],
)
def test_scenarios_of_a_row(suites: Path, row: str, names: list[str]) -> None:
    assert [place.name for place in scenarios(suites, row)] == names


@pytest.mark.parametrize(
    ("row", "found"), [("HTTP-01", [("it is there", 11)]), ("HTTP-06", [("[]", 10)]), ("HTTP-02", [])]
)
def test_verdicts_that_are_tied_to_a_row(suites: Path, row: str, found: list[tuple[str, int]]) -> None:
    assert [(place.name.replace("lab.judge_delivery", "[]"), place.line) for place in proofs(suites, row)] == found


def test_known_bads_of_a_row(tmp_path: Path) -> None:
    (tmp_path / "headers.py").write_text(FAULTY)

    assert [(place.name, place.line) for place in known_bads(tmp_path, "HTTP-12")] == [
        ("loses-it", 2),
        ("f'tells-{place}'", 7),
    ]
    assert list(known_bads(tmp_path / "not there", "HTTP-12")) == []


def test_command_names_all_three_with_file_and_line() -> None:
    shown = CliRunner().invoke(app, ["where", "http-12"]).output

    assert shown.startswith("HTTP-12  ")
    assert "http/test_did_it_work.py::test_bin_shows_exactly_the_uplinks_that_were_sent" in shown
    assert "scenarios/suites/http/test_did_it_work.py:" in shown
    assert "tests/faulty/" in shown


@pytest.mark.parametrize(
    ("row", "hint"),
    [
        ("HTTP-99", "there are HTTP-01 to HTTP-23"),
        ("HTTP-02.z", "there are HTTP-02.a to HTTP-02."),
        ("foo", "they begin with WGX, HTTP, TB, COM, DL, MQTT, AIR, as WGX-01"),
    ],
)
def test_row_that_is_not_there_is_one_line(row: str, hint: str) -> None:
    ended = CliRunner().invoke(app, ["where", row])

    assert ended.exit_code == 4
    assert ended.output.startswith(f"uplab: there is no row {row}; {hint}")
    assert ended.output.count("\n") == 1
