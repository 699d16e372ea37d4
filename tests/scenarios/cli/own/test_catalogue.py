from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from uplab.scenarios.cli.main import app


def asked(*arguments: str) -> tuple[int, str]:
    ended = CliRunner().invoke(app, ["catalogue", *arguments])
    return ended.exit_code, ended.output


def test_table_becomes_toml_and_is_shown(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("id,text\nMINE-01,A hall is warm\nMINE-01.a,in winter too\n")

    assert asked(str(tmp_path / "mine.csv"), "--to", str(tmp_path / "mine.toml")) == (
        0,
        f"1 rows in {tmp_path / 'mine.toml'}\n",
    )
    assert asked(str(tmp_path / "mine.toml")) == (0, "MINE-01  A hall is warm\n  MINE-01.a  in winter too\n")


def test_what_cannot_be_is_one_line_and_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("id,text\nMINE-01,a\nMINE-01,b\n")

    code, told = asked(str(tmp_path / "mine.csv"))

    assert (code, told.count("\n")) == (4, 1)
    assert "line 3: the id MINE-01 stands twice" in told
    assert asked(str(tmp_path / "mine.csv"), "--to", "mine.pdf")[0] == 4


def test_set_of_now_is_printed_for_a_file() -> None:
    code, told = asked("--freeze")

    assert code == 0
    assert "HTTP-12.a\n" in told
