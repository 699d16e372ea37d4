"""The last step of a run, the only one that knows the reports: they are rendered from what was stored."""

import os
from pathlib import Path
from typing import Any

from rich.console import Console

from uplab.reports import bundle, terminal, writer
from uplab.reports.causes import causes
from uplab.reports.exports import allure, github, otlp
from uplab.reports.findings import find
from uplab.reports.past.entries import note
from uplab.reports.run import ReportError, Run, read_run, scenarios_of
from uplab.scenarios.history import unwritten
from uplab.scenarios.history.secrets import redact
from uplab.scenarios.run.options import option

__all__ = ["cause_ids", "publish", "redact_allure"]


def redact_allure() -> None:
    """Lets nothing reach Allure's results that did not pass the redaction."""
    allure.install(redact)


def cause_ids(scenarios: list[dict[str, Any]]) -> dict[str, str]:
    """The cause of each scenario's trouble, by the id that reports give it, before the run is stored."""
    return {one.id: cause.id for cause in causes(scenarios_of(scenarios)) for one in cause.scenarios}


def publish(folder: Path, terminalreporter: Any, *, table: bool = True, verbosity: int = 0) -> None:
    """Writes the bundles, report.html and junit.xml, tells GitHub Actions where it runs there, and prints the verdicts.

    Of `verbosity` 1 (-v) each scenario is named, of -1 (-q) only what went wrong.
    """
    output = terminalreporter._tw._file  # noqa: SLF001 - rich draws the table itself
    try:
        bundle.write_bundles(folder)
        run = read_run(folder)
        found = find(run)
        writer.write_found(found)
        if results := getattr(terminalreporter.config.option, "allure_report_dir", None):
            allure.complete(Path(results), found)
        if exported := _exported(terminalreporter.config):
            output.write(f"uplab: traces are in {otlp.export(run, exported.partition('=')[2])}\n")
        if table:
            # What a scenario or a forwarder is called is no markup.
            console = Console(file=output, markup=False, emoji=False)
            terminal.render(found, console=console, every=verbosity > 0, brief=verbosity < 0)
            note(run, found.causes)
        root = Path(terminalreporter.config.rootpath)
        github.write_github(found, environment=os.environ, output=output, files=_in_the_repository(run, root))
    except OSError as error:
        unwritten.noted(Path(error.filename or folder), error)
    except ReportError as error:
        terminalreporter.write_line(f"uplab: the report is not complete: {error}")


def _exported(config: Any) -> str | None:
    """What --export asks for; it was checked when the run began."""
    return option(config, "--export") if hasattr(config, "getoption") else None


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
