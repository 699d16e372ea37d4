from __future__ import annotations

import sys
from pathlib import Path

import pytest

from uplab.scenarios.authors.modules import ModuleError, load_module


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    return tmp_path


def test_module_is_found_by_its_name_and_by_its_file(here: Path) -> None:
    (here / "my_words.py").write_text("WORD = 7\n")

    assert load_module("my_words").WORD == load_module("./my_words.py").WORD == 7


def test_what_lies_here_hides_nothing_of_pythons(here: Path) -> None:
    (here / "http.py").write_text("WORD = 7\n")

    assert not hasattr(load_module("http"), "WORD")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("x = 1\n1 / 0\n", "mine.py cannot be imported, line 2: ZeroDivisionError: division by zero"),
        ("x = (\n", "mine.py cannot be imported, line 1: SyntaxError"),
        ("import not_there_at_all\n", "mine.py cannot be imported, line 1: ModuleNotFoundError"),
    ],
)
def test_what_cannot_be_imported_is_said_with_its_line(here: Path, source: str, told: str) -> None:
    (here / "mine.py").write_text(source)

    with pytest.raises(ModuleError) as raised:
        load_module("mine.py")

    assert str(raised.value).startswith(told)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nobodys_module", "there is no module nobodys_module: name it as Python does, or its file, nobodys_module.py"),
        ("gone/mine.py", "there is no file gone/mine.py"),
    ],
)
def test_what_is_not_there_is_said(name: str, told: str) -> None:
    with pytest.raises(ModuleError) as raised:
        load_module(name)

    assert str(raised.value) == told
