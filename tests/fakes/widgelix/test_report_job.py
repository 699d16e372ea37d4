"""The report writer as a process: what it is fed, and what happens when it ends early."""

import io
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from uplab.fakes.widgelix import report
from uplab.fakes.widgelix.actions import MakeReport
from uplab.fakes.widgelix.history import Message, Scalar
from uplab.fakes.widgelix.report_job import ReportError, ReportWriter, rows

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def message(second: int, *readings: Scalar | None) -> Message:
    return Message(START + timedelta(seconds=second), second, START, second, 5, "", ("temperature", "light"), readings)


def job(messages: Sequence[Message], *fields: str) -> MakeReport:
    return MakeReport(fields or ("temperature",), messages, (("Device", "Room"),), "report.xlsx")


def test_rows_hold_the_chosen_fields_in_their_order() -> None:
    messages = [message(0, 20.5, 100), message(1, None, None), message(2, None, 200)]

    assert list(rows(job(messages, "light", "temperature"))) == [
        [1_767_268_800_000_000, 100, 20.5],
        [1_767_268_802_000_000, 200, None],
    ]


def test_message_without_any_chosen_field_is_no_row() -> None:
    assert list(rows(job([message(0, None, 100)], "temperature"))) == []


def test_written_report_reads_back() -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(ReportWriter().write(job([message(0, 20.5, 100)]))))

    assert book.get_sheet_by_name("Report").to_python() == [
        ["Time (UTC)", "temperature"],
        [datetime(2026, 1, 1, 12), 20.5],  # noqa: DTZ001 - Excel's dates have no zone
    ]


def test_writer_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit('no room on the disk')")
    monkeypatch.setattr(report, "__file__", str(broken))

    with pytest.raises(ReportError, match="no room on the disk"):
        ReportWriter().write(job([message(second, 20.5, 1) for second in range(50_000)]))


class _Held(Sequence[Message]):
    """Messages that say when the first was taken, and give the next only when allowed to."""

    def __init__(self) -> None:
        self.begun, self.allowed = threading.Event(), threading.Event()

    def __len__(self) -> int:
        return 2

    def __getitem__(self, at: object) -> Message:  # type: ignore[override]  # slices are not asked for
        raise IndexError(at)

    def __iter__(self) -> Iterator[Message]:
        yield message(0, 20.5, 1)
        self.begun.set()
        assert self.allowed.wait(10)
        yield message(1, 20.5, 1)


def test_stopped_writer_ends_at_once() -> None:
    writer, held, failures = ReportWriter(), _Held(), list[str]()

    def run() -> None:
        try:
            writer.write(job(held))
        except ReportError as error:
            failures.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    assert held.begun.wait(10)

    writer.stop()
    held.allowed.set()
    thread.join(10)

    assert failures == ["exit code -9"]
