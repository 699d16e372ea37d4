"""The last step of a run, and the only one in the plugin that knows the reports: they are rendered from what was stored."""

from pathlib import Path
from typing import Any

from reports import allure, terminal, writer
from reports.run import read_run
from rich.console import Console

from scenarios.secrets import redact

__all__ = ["publish", "redact_allure"]


def redact_allure() -> None:
    """Lets nothing reach Allure's results that did not pass the redaction."""
    allure.install(redact)


def publish(folder: Path, terminalreporter: Any) -> None:
    """Writes report.html and junit.xml, and prints the verdict table."""
    writer.write(folder)
    terminal.render(read_run(folder), console=Console(file=terminalreporter._tw._file))  # noqa: SLF001
