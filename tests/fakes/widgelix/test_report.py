"""The report's file, read back by a library of other people."""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from uplab.fakes.widgelix import report

NOON_US = 1_767_268_800_123_000  # 2026-01-01T12:00:00.123Z


def written(tmp_path: Path, fields: list[str], rows: list[list[Any]]) -> CalamineWorkbook:
    target = tmp_path / "report.xlsx"
    count = report.write(str(target), {"fields": fields, "about": [["Device", "Room"]]}, rows)
    assert count == len(rows)
    return CalamineWorkbook.from_path(str(target))


def cells(tmp_path: Path, value: Any) -> Any:
    book = written(tmp_path, ["x"], [[NOON_US, value]])
    return book.get_sheet_by_name("Report").to_python()[1][1]


def test_dates_are_dates_and_numbers_are_numbers(tmp_path: Path) -> None:
    book = written(tmp_path, ["temperature", "motion"], [[NOON_US, 22.6, 6]])

    assert book.get_sheet_by_name("Report").to_python() == [
        ["Time (UTC)", "temperature", "motion"],
        [datetime(2026, 1, 1, 12, 0, 0, 123000), 22.6, 6.0],  # noqa: DTZ001 - Excel's dates have no zone
    ]


def test_second_sheet_says_what_the_first_holds(tmp_path: Path) -> None:
    book = written(tmp_path, ["temperature"], [[NOON_US, 22.6]])

    assert book.get_sheet_by_name("About").to_python() == [["Device", "Room"], ["Rows", "1"]]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (True, True),
        (-3276.8, -3276.8),
        (2**53, float(2**53)),
        (2**60, str(2**60)),
        ("21.5", "21.5"),
        ("=1+1", "=1+1"),
        ("http://example/", "http://example/"),
        ("a\nb <&> \u00e9 \U0001f321", "a\nb <&> \u00e9 \U0001f321"),
        (None, ""),
    ],
)
def test_each_kind_of_value_comes_back(tmp_path: Path, value: Any, cell: Any) -> None:
    found = cells(tmp_path, value)

    assert found == cell
    assert type(found) is type(cell)


def test_control_characters_do_not_break_the_file(tmp_path: Path) -> None:
    assert "a" in cells(tmp_path, "a\x00\x01\x1f")


def test_empty_report_has_its_header(tmp_path: Path) -> None:
    book = written(tmp_path, ["temperature"], [])

    assert book.get_sheet_by_name("Report").to_python() == [["Time (UTC)", "temperature"]]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process is read from /proc")
def test_large_report_stays_in_bounded_memory(tmp_path: Path) -> None:
    peaks_kb = {}
    for count in (1_000, 100_000):
        target = tmp_path / f"{count}.xlsx"
        peaks_kb[count] = _run(target, count)
        sheet = CalamineWorkbook.from_path(str(target)).get_sheet_by_name("Report")
        assert sheet.height == count + 1

    assert peaks_kb[100_000] - peaks_kb[1_000] < 8_000


# Not getrusage: what it says of a child includes the parent, as it was when the child was forked.
_MEASURED = """
import pathlib, runpy, sys
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
print(next(line.split()[1] for line in pathlib.Path("/proc/self/status").open() if line.startswith("VmHWM")))
"""


def _run(target: Path, count: int) -> int:
    """Write a report of `count` rows in a process of its own; returns its peak of memory in kB."""
    head = json.dumps({"fields": ["temperature", "humidity"], "about": []})
    rows = (f"[{NOON_US + row * 1_000_000},{row % 40}.5,{row % 100}]" for row in range(count))
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, report.__file__, str(target)],
        input="\n".join([head, *rows]),
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)
