"""The last step of a run, the only one that knows the reports: they are rendered from what was stored."""

import os
from pathlib import Path
from typing import Any

from rich.console import Console

from uplab.reports import bundle, github, terminal, writer
from uplab.reports.exports import allure
from uplab.reports.past.entries import note
from uplab.reports.run import ReportError, Run, read_run
from uplab.scenarios.history import unwritten
from uplab.scenarios.history.secrets import redact

__all__ = ["publish", "redact_allure"]


def redact_allure() -> None:
    """Lets nothing reach Allure's results that did not pass the redaction."""
    allure.install(redact)


def publish(folder: Path, terminalreporter: Any, *, table: bool = True, verbosity: int = 0) -> None:
    """Writes the bundles, report.html and junit.xml, tells GitHub Actions where it runs there, and prints the verdicts.

    Of `verbosity` 1 (-v) each scenario is named, of -1 (-q) only what went wrong.
    """
    output = terminalreporter._tw._file  # noqa: SLF001 - rich draws the table itself
    try:
        bundle.write_bundles(folder)
        writer.write(folder)
        run = read_run(folder)
        if results := getattr(terminalreporter.config.option, "allure_report_dir", None):
            allure.correct(Path(results), run)
        if table:
            terminal.render(run, console=Console(file=output), every=verbosity > 0, brief=verbosity < 0)
            note(run)
        root = Path(terminalreporter.config.rootpath)
        github.write_github(run, environment=os.environ, output=output, files=_in_the_repository(run, root))
    except OSError as error:
        unwritten.noted(Path(error.filename or folder), error)
    except ReportError as error:
        terminalreporter.write_line(f"uplab: the report is not complete: {error}")


def _in_the_repository(run: Run, root: Path) -> dict[str, str]:
    """Each scenario's file as the repository names it, so that GitHub finds the lines that an annotation names."""
    repository = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
    found = {}
    for one in run.scenarios:
        named = one.path or one.file
        place = next((p for p in (root / named, Path(named)) if p.exists()), root / named).resolve()
        if place.is_relative_to(repository):
            found[one.id] = place.relative_to(repository).as_posix()
    return found
