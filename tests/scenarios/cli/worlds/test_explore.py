"""`uplab explore` and `uplab play` in words: what is wrong is said in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.suite_runs import uplab
from uplab.scenarios.run.exit_codes import WRONG_USAGE


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--fix", "modle=nke_th"), "there is no dimension modle; did you mean model?"),
        (("--fix", "model=nke"), "model has no value 'nke'; did you mean nke_th?"),
        (("--leave", "everything"), "there is no dimension everything"),
        (("--forwarder-profile", "bare.toml"), "declares no connector that a world could use"),
        (("--forwarder-profile", "nowhere.toml"), "nowhere.toml"),
    ],
)
def test_wrong_wish_is_one_line(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    (tmp_path / "bare.toml").write_text('name = "bare"\n')
    ended = uplab(tmp_path, "explore", "--seed", "1", *words)
    assert ended.code == WRONG_USAGE
    assert said in ended.err
    assert len(ended.err.splitlines()) == 1


def test_dimensions_are_listed(tmp_path: Path) -> None:
    ended = uplab(tmp_path, "explore", "--fix", "?")
    assert ended.code == 0
    assert "model: elsys_ers, " in ended.out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no JSON"),
        ("[]", "no world"),
        ('{"world": 1, "name": "w", "devices": {}}', "devices"),
        (None, "no such file"),
    ],
)
def test_file_that_is_no_world_is_one_line(tmp_path: Path, text: str | None, said: str) -> None:
    if text is not None:
        (tmp_path / "w.json").write_text(text)
    ended = uplab(tmp_path, "play", "w.json")
    assert ended.code == WRONG_USAGE
    assert said in ended.err
    assert len(ended.err.splitlines()) == 1
