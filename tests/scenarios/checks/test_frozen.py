"""Frozen sets: what is newer is known, and what they name is there for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from uplab.scenarios.checks.frozen import FrozenError, known_sets, newer_than, text_of_set
from uplab.scenarios.checks.requirements import clauses


@pytest.mark.parametrize("name", known_sets())
def test_each_clause_of_a_shipped_set_is_there_still(name: str) -> None:
    assert newer_than(name) < set(clauses())


def test_set_of_now_lacks_nothing(tmp_path: Path) -> None:
    (tmp_path / "now.txt").write_text(text_of_set())

    assert newer_than(str(tmp_path / "now.txt")) == frozenset()


def test_what_a_set_lacks_is_newer(tmp_path: Path) -> None:
    older = [line for line in text_of_set().splitlines() if line not in ("HTTP-12.a", "WGX-06")]
    (tmp_path / "older.txt").write_text("# before\n" + "\n".join(older))

    assert newer_than(str(tmp_path / "older.txt")) == {"HTTP-12.a", "WGX-06"}


def test_row_stands_for_its_clauses(tmp_path: Path) -> None:
    (tmp_path / "rows.txt").write_text("WGX-01  # all of it\n")

    assert {"WGX-01.a", "WGX-01.c"}.isdisjoint(newer_than(str(tmp_path / "rows.txt")))


@pytest.mark.parametrize(("name", "told"), [("1999-01", "there is no set 1999-01: "), ("bad.txt", "bad.txt, line 2: ")])
def test_set_that_is_none_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, told: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.txt").write_text("WGX-01\nHTTP-99.x\n")

    with pytest.raises(FrozenError) as raised:
        newer_than(name)

    assert str(raised.value).startswith(told)
