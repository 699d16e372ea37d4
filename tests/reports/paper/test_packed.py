"""The files of a sign-off."""

import hashlib
import zipfile
from pathlib import Path

import orjson
import pytest

from tests.reports.paper.conftest import MakeRun
from uplab.reports.paper.packed import write_sign_off
from uplab.reports.run import ReportError

MADE = "2026-12-01T03:00:00+00:00"


def test_page_and_workbook_are_written_and_lead_to_the_reports(made: MakeRun, tmp_path: Path) -> None:
    written = write_sign_off([made("a")], tmp_path / "out", made=MADE, with_histories=False)

    assert [path.name for path in written] == ["signoff.html", "signoff.xlsx"]
    assert 'href="../a/report.html' in written[0].read_text("utf-8")


def test_package_carries_the_runs_and_the_digest_of_each_file(made: MakeRun, tmp_path: Path) -> None:
    folder = made("a")
    (folder / "logs").mkdir()
    (folder / "logs" / "forwarder-main.log").write_text("not for others")

    path = write_sign_off([folder], tmp_path / "out", made=MADE, with_histories=True)[-1]

    with zipfile.ZipFile(path) as package:
        names = package.namelist()
        stored = orjson.loads(package.read("signoff.json"))
        for name, digest in stored["files"].items():
            assert hashlib.sha256(package.read(name)).hexdigest() == digest
        assert package.read("runs/a/run.json") == (folder / "run.json").read_bytes()
    assert sorted(stored["files"]) == sorted(name for name in names if name != "signoff.json")
    assert any(name.startswith("runs/a/history/") for name in names)
    assert not any("logs" in name for name in names)


def test_same_runs_make_the_same_package(made: MakeRun, tmp_path: Path) -> None:
    folder = made("a")

    def stored() -> bytes:
        path = write_sign_off([folder], tmp_path / "out", made=MADE, with_histories=True)[-1]
        with zipfile.ZipFile(path) as package:
            return package.read("runs/a/run.json") + package.read("signoff.html")

    assert stored() == stored()


def test_run_that_was_cut_is_one_line(made: MakeRun, tmp_path: Path) -> None:
    folder = made("a")
    (folder / "run.json").write_bytes((folder / "run.json").read_bytes()[:5_000])

    with pytest.raises(ReportError, match="is no JSON"):
        write_sign_off([folder], tmp_path / "out", made=MADE, with_histories=False)


def test_one_run_twice_is_refused(made: MakeRun, tmp_path: Path) -> None:
    folder = made("a")

    with pytest.raises(ReportError, match="two runs are called a"):
        write_sign_off([folder, folder], tmp_path / "out", made=MADE, with_histories=False)


def test_place_that_is_taken_is_named(made: MakeRun, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")

    with pytest.raises(ReportError, match="the sign-off cannot be written: File exists"):
        write_sign_off([made("a")], tmp_path / "out", made=MADE, with_histories=False)
