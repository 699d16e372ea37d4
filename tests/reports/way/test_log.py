"""The forwarder's log around a time."""

import os
from pathlib import Path

import pytest

from uplab.reports.way.log import read_log
from uplab.scenarios.under_test.log import CleanLog


def _written(folder: Path, *lines: tuple[float, str]) -> Path:
    logs = folder / "logs"
    logs.mkdir()
    at = 0
    with (logs / "forwarder-main.log").open("wb") as log, (logs / "forwarder-main.log.times").open("wb") as index:
        for at_s, text in lines:
            log.write(text.encode() + b"\n")
            index.write(b"%.6f %d\n" % (at_s, at))
            at += len(text.encode()) + 1
    return folder


def test_lines_of_a_time_are_told(tmp_path: Path) -> None:
    log = read_log(_written(tmp_path, (1.0, "first"), (2.0, "zwölf"), (2.5, "\x1b[2Jthird"), (9.0, "last")), "main")

    assert log is not None
    lines, more = log.between(1.5, 8.0)
    assert [(line.at_s, line.text) for line in lines] == [(2.0, "zwölf"), (2.5, "\\x1b[2Jthird")]
    assert more == 0
    assert log.between(10, 11) == ((), 0)
    assert [line.text for line in log.between(8, 10)[0]] == ["last"]


def test_many_lines_are_cut_and_counted(tmp_path: Path) -> None:
    log = read_log(_written(tmp_path, *((float(n), "x" * 1_000) for n in range(100))), "main")

    assert log is not None
    lines, more = log.between(10, 90)
    assert (len(lines), more) == (60, 20)
    assert all(len(line.text) < 400 for line in lines)


def test_log_without_times_is_none(tmp_path: Path) -> None:
    assert read_log(tmp_path, "main") is None


@pytest.mark.parametrize("index", [b"nonsense\n", b"1.0 x\n", b"\xff\xfe\n", b"5 0\n1 -7\n3 900000\n"])
def test_times_that_are_broken_break_nothing(tmp_path: Path, index: bytes) -> None:
    _written(tmp_path, (1.0, "first"))
    (tmp_path / "logs" / "forwarder-main.log.times").write_bytes(index)

    log = read_log(tmp_path, "main")

    if log is not None:
        log.between(0, 10)


def test_pipe_in_the_place_of_a_log_is_not_waited_for(tmp_path: Path) -> None:
    _written(tmp_path, (1.0, "first"))
    log = tmp_path / "logs" / "forwarder-main.log"
    log.unlink()
    os.mkfifo(log)

    found = read_log(tmp_path, "main")

    assert found is not None
    assert found.between(0, 10) == ((), 0)


def test_lab_notes_when_each_line_came(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    clean = CleanLog(tmp_path / "logs" / "forwarder-main.log")
    with clean.stream() as stream:
        for line in (b"one\n", b"two\n"):
            stream.write(line)

    log = read_log(tmp_path, "main")

    assert log is not None
    assert [line.text for line in log.between(0, float("inf"))[0]] == ["one", "two"]
