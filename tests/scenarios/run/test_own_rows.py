from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from uplab.scenarios.checks.frozen import text_of_set
from uplab.scenarios.checks.requirements import add_rows, catalogue
from uplab.scenarios.checks.verdict import CheckFailed, Verdict
from uplab.scenarios.lab.judge import Judge
from uplab.scenarios.run.own_rows import frozen_set, read_own_rows
from uplab.scenarios.run.selection import not_scored


def config(*files: Path) -> pytest.Config:
    return cast(pytest.Config, SimpleNamespace(getoption=lambda _: [str(one) for one in files]))


@pytest.fixture
def frozen(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "before.txt").write_text(text_of_set().replace("HTTP-12.a\n", ""))
    return dict(frozen_set(str(tmp_path / "before.txt")))


def test_rows_of_a_file_are_known_then(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("id,text\nMINE-01,a\n")
    try:
        read_own_rows(config(tmp_path / "mine.csv"))
        assert "MINE-01" in catalogue()
    finally:
        add_rows([])


def test_file_that_cannot_be_used_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(pytest.UsageError, match=r"--catalogue .*gone.csv cannot be read: No such file"):
        read_own_rows(config(tmp_path / "gone.csv"))
    with pytest.raises(pytest.UsageError, match="--requirements: there is no set 1999-01"):
        frozen_set("1999-01")


def test_newer_clause_has_its_reason(frozen: dict[str, str]) -> None:
    assert frozen == {"HTTP-12.a": "not scored: HTTP-12.a is newer than the set before"}
    assert frozen_set(None) == {}


def test_scenario_of_newer_clauses_alone_is_not_scored(frozen: dict[str, str]) -> None:
    def item(*ids: str) -> pytest.Item:
        marks = [SimpleNamespace(args=ids)]
        return cast(pytest.Item, SimpleNamespace(iter_markers=lambda _: marks))

    assert not_scored(item("HTTP-12.a"), frozen) == frozen["HTTP-12.a"]
    assert not_scored(item("HTTP-12.a", "HTTP-06"), frozen) is None
    assert not_scored(item(), frozen) is None


def test_break_of_a_newer_clause_is_told_and_does_not_count(frozen: dict[str, str]) -> None:
    judge: Any = Judge()
    judge.requirements, judge.verdicts, judge.told, judge.frozen = ["HTTP-06"], [], {}, frozen
    judge.heartbeat = SimpleNamespace(excused=lambda verdict: verdict)
    bad = Verdict("in order", "failed", 1, "in order", "it was not")

    judge.judge(bad.proving("HTTP-12.a"))
    assert judge.verdicts == []
    assert judge.told["not_scored"][0]["why"] == frozen["HTTP-12.a"]
    with pytest.raises(CheckFailed):
        judge.judge(bad.proving("HTTP-12.a"), bad)
    assert [one.requirement for one in judge.verdicts] == ["HTTP-06"]
