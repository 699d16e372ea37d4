"""The last step of a run, the only one that knows the reports: they are rendered from what was stored."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from reports import allure, github, terminal, writer
from reports.run import ReportError, Run, read_run
from scenarios.secrets import redact

__all__ = ["publish", "redact_allure"]


def redact_allure() -> None:
    """Lets nothing reach Allure's results that did not pass the redaction."""
    allure.install(redact)


def publish(folder: Path, terminalreporter: Any, *, table: bool = True) -> None:
    """Writes report.html and junit.xml, tells GitHub Actions where it runs there, and prints the verdict table."""
    output = terminalreporter._tw._file  # noqa: SLF001 - rich draws the table itself
    try:
        writer.write(folder)
        run = read_run(folder)
        if table:
            terminal.render(run, console=Console(file=output))
        root = Path(terminalreporter.config.rootpath)
        github.write_github(_as_in_the_repository(run, root), environment=os.environ, output=output)
    except (ReportError, OSError) as error:
        terminalreporter.write_line(f"uplab: the report is not complete: {error}")


def _as_in_the_repository(run: Run, root: Path) -> Run:
    """The run with ids that begin at the repository, so that GitHub finds the lines that an annotation names."""
    repository = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
    if not root.is_relative_to(repository):
        return run
    place = root.relative_to(repository)
    return replace(run, scenarios=tuple(replace(one, id=(place / one.id).as_posix()) for one in run.scenarios))
