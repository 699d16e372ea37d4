"""`uplab signoff` and `uplab verify`, as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.reports.sample import make_run
from uplab.scenarios.cli.main import app


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stored run; commands are called beside it."""
    monkeypatch.chdir(tmp_path)
    return make_run(tmp_path / "night", scenarios=12)


def test_sign_off_is_written_and_verified(run: Path, tmp_path: Path) -> None:
    runner = CliRunner()

    signed = runner.invoke(app, ["signoff", str(run), "--out", "paper", "--with-histories"])
    verified = runner.invoke(app, ["verify", "paper/signoff.zip"])

    assert signed.exit_code == 0, signed.stderr
    assert signed.stdout.split() == ["paper/signoff.html", "paper/signoff.xlsx", "paper/signoff.zip"]
    assert verified.exit_code in (1, 10), "the sample's verdicts were asked of no history"
    assert "verdicts in 1 run judged again" in verified.stdout
    assert "that a clause passed" in verified.stdout


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["signoff", "nowhere"], "run.json does not exist: is "),
        (["verify", "nowhere.zip"], "nowhere.zip: there is no such file or folder"),
        (["verify", "night"], "night: there is no signoff.json in it"),
    ],
)
def test_bad_input_is_one_line(run: Path, arguments: list[str], why: str) -> None:
    shown = CliRunner().invoke(app, arguments)

    assert shown.exit_code == 4
    assert why in shown.stderr
    assert shown.stderr.count("\n") == 1
