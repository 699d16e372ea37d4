"""Runs the report writer (report.py) as a process of its own and feeds it; called in a worker thread.

The rows are turned into text a few at a time, so that neither the memory nor the event loop's thread has to hold a
large report, and whoever waits for the ingest is not held up by it.
"""

import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, Final

import orjson

from uplab.fakes.widgelix import report
from uplab.fakes.widgelix.actions import MakeReport

__all__ = ["CONTENT_TYPE", "ReportError", "ReportWriter", "rows"]

CONTENT_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""The media type of .xlsx."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_TIMEOUT_S: Final = 120.0


class ReportError(RuntimeError):
    """The writer ended without a report; the text is the last that it said."""


class ReportWriter:
    """Writes reports, each in a process; `stop` ends those under way, and may be called from another thread."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()

    def write(self, job: MakeReport) -> bytes:
        """Return the .xlsx of a job; raises ReportError."""
        with tempfile.TemporaryDirectory(prefix="widgelix-report-") as folder:
            target, said = Path(folder) / "report.xlsx", Path(folder) / "said"
            # -P: the script's own folder stays off the import path.
            command = [sys.executable, "-P", report.__file__, str(target)]
            with (
                said.open("wb") as errors,
                subprocess.Popen(command, stdin=subprocess.PIPE, stderr=errors) as process,  # noqa: S603 - our own script
            ):
                self._feed(process, job)
            if process.returncode != 0 or not target.exists():
                words = said.read_text(errors="replace").strip().splitlines() or [f"exit code {process.returncode}"]
                raise ReportError(words[-1])
            return target.read_bytes()

    def stop(self) -> None:
        """Kill the writers under way."""
        with self._lock:
            for process in self._running:
                process.kill()

    def _feed(self, process: subprocess.Popen[bytes], job: MakeReport) -> None:
        assert process.stdin is not None
        with self._lock:
            self._running.add(process)
        try:
            _write_lines(process.stdin, job)
            process.wait(_TIMEOUT_S)
        except BrokenPipeError:
            pass  # it ended early; its exit code and its words say why
        except subprocess.TimeoutExpired:
            process.kill()
        finally:
            with self._lock:
                self._running.discard(process)


def _write_lines(stdin: IO[bytes], job: MakeReport) -> None:
    with stdin:
        stdin.write(orjson.dumps({"fields": job.fields, "about": job.about}, option=orjson.OPT_APPEND_NEWLINE))
        for row in rows(job):
            stdin.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))


def rows(job: MakeReport) -> Iterator[list[Any]]:
    """Give the rows of a report: time in microseconds, then the values; messages without any of them are left out."""
    for message in job.messages:
        values = message.values
        if any(field in values for field in job.fields):
            yield [(message.time - _EPOCH) // _MICROSECOND, *(values.get(field) for field in job.fields)]
