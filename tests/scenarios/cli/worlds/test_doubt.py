"""`uplab doubt` becomes a run with a player."""

from pathlib import Path

from tests.scenarios.suite_runs import uplab


def test_kinds_are_listed(tmp_path: Path) -> None:
    ended = uplab(tmp_path, "doubt", "--collect-only")
    assert "test_kind_of_bug_is_seen[every-seventh-lost]" in ended.out
    assert "test_worlds_go_as_planned" not in ended.out


def test_plain_run_collects_no_kind(tmp_path: Path) -> None:
    ended = uplab(tmp_path, "run", "worlds", "--collect-only")
    assert "test_kind_of_bug_is_seen" not in ended.out
    assert "test_worlds_go_as_planned" in ended.out
