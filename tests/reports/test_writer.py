from pathlib import Path

import pytest

from tests.reports.sample import make_run
from uplab.reports.run import ReportError
from uplab.reports.writer import write


def test_all_formats_are_written_beside_the_run(tmp_path: Path) -> None:
    make_run(tmp_path, scenarios=3)

    written = write(tmp_path)

    assert written == (tmp_path / "report.html", tmp_path / "junit.xml", tmp_path / "ctrf.json")
    assert all(path.stat().st_size > 1_000 for path in written)


def test_one_format_can_be_chosen(tmp_path: Path) -> None:
    make_run(tmp_path, scenarios=3)

    assert write(tmp_path, ["junit"]) == (tmp_path / "junit.xml",)
    assert not (tmp_path / "report.html").exists()


def test_unknown_format_is_named_with_those_there_are(tmp_path: Path) -> None:
    make_run(tmp_path, scenarios=3)

    with pytest.raises(ReportError, match=r"^there is no format 'pdf': choose from html, junit, ctrf$"):
        write(tmp_path, ["pdf"])


def test_same_run_renders_to_the_same_bytes(tmp_path: Path) -> None:
    make_run(tmp_path, scenarios=8)
    first = [path.read_bytes() for path in write(tmp_path)]

    assert [path.read_bytes() for path in write(tmp_path)] == first


def test_broken_run_leaves_the_old_report(tmp_path: Path) -> None:
    make_run(tmp_path, scenarios=3)
    before = write(tmp_path)[0].read_bytes()
    (tmp_path / "run.json").write_text("{")

    with pytest.raises(ReportError):
        write(tmp_path)

    assert (tmp_path / "report.html").read_bytes() == before
    assert not list(tmp_path.glob("*.tmp"))
    assert not list(tmp_path.glob(".*.tmp"))


def test_place_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    make_run(tmp_path, scenarios=3)
    (tmp_path / "report.html").mkdir()

    with pytest.raises(ReportError, match=r"report\.html cannot be written: Is a directory$"):
        write(tmp_path)

    assert not list(tmp_path.glob(".*.tmp"))
