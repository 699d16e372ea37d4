"""The search for false alarms: how runs are divided, read and summed up, and that no alarm is passed over."""

from __future__ import annotations

import sys
from pathlib import Path

import orjson
import pytest

from tests import steady
from tests.reports.sample import make_run
from tests.steady import Outcome, read_outcome, rounds, summed

GREEN = Outcome(1, "alone", 0, 1.0, passed=9, walked=3)


def test_rounds_make_each_run_once_and_one_in_three_under_load() -> None:
    made = list(rounds(range(40)))

    assert [seed for one in made for seed in one.seeds] == list(range(40))
    assert {one.how for one in made} == {"alone", "beside another", "beside another under load"}


@pytest.mark.parametrize(
    ("code", "word"), [(0, "green"), (10, "unknown"), (1, "red"), (2, "red"), (3, "red"), (5, "red"), (None, "red")]
)
def test_only_exit_code_0_is_green(code: int | None, word: str) -> None:
    assert Outcome(1, "alone", code, 1.0).word == word


def test_alarms_are_those_that_failed_and_those_that_are_unknown(tmp_path: Path) -> None:
    run = make_run(tmp_path / "7")
    stored = orjson.loads((run / "run.json").read_bytes())["scenarios"]
    (tmp_path / "7" / "latest").symlink_to(run, target_is_directory=True)

    outcome = read_outcome(tmp_path / "7", 7, "alone", 1, 2.0)

    words = [scenario["outcome"] for scenario in stored]
    counted = (outcome.passed, outcome.failed, outcome.unknown)
    assert counted == tuple(words.count(word) for word in ("passed", "failed", "unknown"))
    assert len(outcome.alarms) == outcome.failed + outcome.unknown > 1


def test_run_that_judged_nothing_is_red_and_says_so(tmp_path: Path) -> None:
    outcome = read_outcome(tmp_path, 7, "alone", 3, 2.0)

    assert outcome.word == "red"
    assert "nothing was judged" in outcome.alarms[0]


def test_sum_counts_red_unknown_and_browsers() -> None:
    outcomes = [GREEN, Outcome(2, "alone", 1, 1.0, walked=3), Outcome(3, "alone", 10, 1.0)]

    assert summed(outcomes, 3) == "3 clean runs: 1 red, 1 unknown, 1 green; 2 of them with a browser"
    assert summed(outcomes, 40).startswith("3 of 40 clean runs made: 1 red")


def command(tmp_path: Path, codes: dict[int, int]) -> str:
    """A command that stores a run as uplab does, and ends with the code of its seed."""
    run = make_run(tmp_path / "stored")
    script = tmp_path / "uplab"
    script.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, sys\n"
        "seed, folder = (sys.argv[sys.argv.index(name) + 1] for name in ('--seed', '--report-dir'))\n"
        f"(pathlib.Path(folder) / 'latest').symlink_to({str(run)!r}, target_is_directory=True)\n"
        f"sys.exit({codes!r}.get(int(seed), 0))\n"
    )
    script.chmod(0o755)
    return str(script)


@pytest.mark.parametrize(("codes", "code"), [({}, 0), ({12: 1}, 1), ({13: 10}, 1)])
def test_all_runs_are_made_and_the_table_names_every_seed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    codes: dict[int, int],
    code: int,
) -> None:
    monkeypatch.setattr(steady, "UPLAB", command(tmp_path, codes))
    monkeypatch.setattr(steady, "missing", lambda: "no browser can be driven; install Chromium")
    seeds = [argument for seed in (11, 12, 13) for argument in ("--seed", str(seed))]
    monkeypatch.setattr(sys, "argv", ["steady", "--runs", "5", *seeds])

    assert steady.main() == code

    out = capsys.readouterr().out
    table = out[out.index("seed", out.index("run 5 of 5")) :]
    assert "The pages are not walked through: no browser can be driven" in out
    assert [seed for seed in ("11", "12", "13") if seed in table] == ["11", "12", "13"]
    for seed, found in codes.items():
        assert f"seed {seed}" in out
        assert f"{'unknown' if found == 10 else 'red'} ({found})" in table
    assert out.rstrip().endswith("0 of them with a browser")


def test_first_alarm_stops_where_that_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steady, "UPLAB", command(tmp_path, {11: 1}))
    monkeypatch.setattr(sys, "argv", ["steady", "--runs", "5", "--seed", "11", "--stop"])

    assert steady.main() == 1
