"""Writes the reports of a stored run into its own folder, whole or not at all."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from uplab.reports.exports.ctrf import write_ctrf
from uplab.reports.exports.junit import write_junit
from uplab.reports.html import write_html
from uplab.reports.run import ReportError, Run, read_run

__all__ = ["FORMATS", "write"]

_WRITERS: dict[str, tuple[str, Callable[[Run, Path], None]]] = {
    "html": ("report.html", write_html),
    "junit": ("junit.xml", write_junit),
    "ctrf": ("ctrf.json", write_ctrf),
}
FORMATS = tuple(_WRITERS)


def write(folder: Path, formats: Sequence[str] = FORMATS) -> tuple[Path, ...]:
    """Renders the run that is stored in the folder and returns the files written.

    Raises ReportError with one line where the run cannot be read or a file cannot be written.
    """
    unknown = [name for name in formats if name not in _WRITERS]
    if unknown:
        raise ReportError(f"there is no format {unknown[0]!r}: choose from {', '.join(FORMATS)}")
    run = read_run(folder)
    return tuple(_write(run, *_WRITERS[name]) for name in formats)


def _write(run: Run, name: str, writer: Callable[[Run, Path], None]) -> Path:
    path = run.folder / name
    unfinished = path.with_name(f".{name}.{os.getpid()}.tmp")
    try:
        unfinished.unlink(missing_ok=True)  # a link of that name would lead out of the folder
        writer(run, unfinished)
        unfinished.replace(path)
    except OSError as error:
        raise ReportError(f"{path} cannot be written: {error.strerror}") from None
    finally:
        unfinished.unlink(missing_ok=True)
    return path
