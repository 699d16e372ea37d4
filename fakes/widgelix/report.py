"""Writes a report as .xlsx: run as a process of its own, it reads rows from stdin and writes the file it is given.

    python report.py FILE.xlsx < rows

The first line of stdin is a JSON object {"fields": [name, ...], "about": [[label, text], ...]}, each further line a
row: a JSON array of the time in microseconds since 1970 (UTC) and one value for each field. A process of its own,
because a large workbook would hold up the uplinks that arrive meanwhile; constant_memory, because rows are many.
Imports nothing of this project, so that it starts fast.
"""

import json
import sys
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

__all__ = ["TIME_HEADER", "write"]

TIME_HEADER: Final = "Time (UTC)"
"""The header of the first column; Excel's dates know no time zone, so the header has to name it."""

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - XlsxWriter takes dates without a zone
_WHOLE_EXACT = 2**53  # beyond it Excel's numbers, which are doubles, lose digits
_TIME_WIDTH = 24
_WIDTH = 16


def write(target: str, head: dict[str, Any], rows: Iterable[list[Any]]) -> int:
    """Write a workbook of one sheet with the rows and one that says what they are; returns how many rows."""
    import xlsxwriter  # noqa: PLC0415 - the service knows this module by its path, and never writes itself

    with tempfile.TemporaryDirectory(prefix="widgelix-report-") as scratch:
        book = xlsxwriter.Workbook(target, {"constant_memory": True, "tmpdir": scratch})
        book.set_properties({"title": "Widgelix report", "created": datetime.now(UTC)})
        bold = book.add_format({"bold": True, "bottom": 1})
        sheet = book.add_worksheet("Report")
        count = _write_rows(
            sheet, head["fields"], rows, bold, book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"})
        )
        about = book.add_worksheet("About")
        about.set_column(0, 1, _TIME_WIDTH)
        for at, (label, text) in enumerate([*head["about"], ["Rows", str(count)]]):
            about.write_string(at, 0, label, bold)
            about.write_string(at, 1, text)
        book.close()
    return count


def _write_rows(sheet: Any, fields: list[str], rows: Iterable[list[Any]], bold: Any, as_time: Any) -> int:
    sheet.set_column(0, 0, _TIME_WIDTH)
    sheet.set_column(1, max(1, len(fields)), _WIDTH)
    sheet.freeze_panes(1, 0)
    for column, name in enumerate([TIME_HEADER, *fields]):
        sheet.write_string(0, column, name, bold)
    count = 0
    for count, (time_us, *values) in enumerate(rows, start=1):
        sheet.write_datetime(count, 0, _EPOCH + timedelta(microseconds=time_us), as_time)
        for column, value in enumerate(values, start=1):
            _write_value(sheet, count, column, value)
    return count


def _write_value(sheet: Any, row: int, column: int, value: Any) -> None:
    match value:
        case None:
            pass
        case bool():
            sheet.write_boolean(row, column, value)
        case int() | float() if abs(value) <= _WHOLE_EXACT or isinstance(value, float):
            sheet.write_number(row, column, value)
        case _:
            # Always as text: a value from the air that begins with "=" must not become a formula.
            sheet.write_string(row, column, str(value))


def _main() -> None:
    lines = sys.stdin.buffer
    head = json.loads(lines.readline())
    write(sys.argv[1], head, (json.loads(line) for line in lines))


if __name__ == "__main__":
    _main()
