"""Writes the reports of a stored run into its own folder, whole or not at all."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from uplab.reports.exports.ctrf import write_ctrf
from uplab.reports.exports.junit import write_junit
from uplab.reports.findings import Findings, find
from uplab.reports.html import write_html
from uplab.reports.run import ReportError, read_run

__all__ = ["FORMATS", "write", "write_found"]

_WRITERS: dict[str, tuple[str, Callable[[Findings, Path], None]]] = {
    "html": ("report.html", write_html),
    "junit": ("junit.xml", write_junit),
    "ctrf": ("ctrf.json", write_ctrf),
}
FORMATS = tuple(_WRITERS)


def write(folder: Path, formats: Sequence[str] = FORMATS) -> tuple[Path, ...]:
    """Renders the run that is stored in the folder and returns the files written.

    Raises ReportError with one line where the run cannot be read or a file cannot be written.
    """
    return write_found(find(read_run(folder)), formats)


def write_found(found: Findings, formats: Sequence[str] = FORMATS) -> tuple[Path, ...]:
    """The same of a run that was read already."""
    unknown = [name for name in formats if name not in _WRITERS]
    if unknown:
        raise ReportError(f"there is no format {unknown[0]!r}: choose from {', '.join(FORMATS)}")
    return tuple(_write(found, *_WRITERS[name]) for name in formats)


def _write(found: Findings, name: str, writer: Callable[[Findings, Path], None]) -> Path:
    path = found.run.folder / name
    unfinished = path.with_name(f".{name}.{os.getpid()}.tmp")
    try:
        unfinished.unlink(missing_ok=True)  # a link of that name would lead out of the folder
        writer(found, unfinished)
        unfinished.replace(path)
    except OSError as error:
        raise ReportError(f"{path} cannot be written: {error.strerror}") from None
    finally:
        unfinished.unlink(missing_ok=True)
    return path
