"""`python -m reports FOLDER`: renders a stored run again."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from uplab.reports.findings import find
from uplab.reports.run import ReportError, read_run
from uplab.reports.terminal import render
from uplab.reports.writer import FORMATS, write

__all__ = ["main"]

WRONG_USAGE = 4  # as everywhere in uplab, and in pytest


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line and the exit code of wrong usage, which is not argparse's own."""
        self.exit(WRONG_USAGE, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the chosen formats and says where they are; 4 and one line on stderr when the run cannot be read."""
    parser = _Parser(prog="python -m reports", description="Renders the reports of a stored run again.")
    parser.add_argument("folder", type=Path, help="the run's folder, with run.json and history/")
    parser.add_argument(
        "--format", action="append", choices=FORMATS, help="only this one (may be repeated; default: all)"
    )
    parser.add_argument("--table", action="store_true", help="print the verdict table, too")
    chosen = parser.parse_args(arguments)
    try:
        written = write(chosen.folder, chosen.format or FORMATS)
        if chosen.table:
            render(find(read_run(chosen.folder)), console=Console(markup=False, emoji=False))
    except ReportError as error:
        print(f"reports: {error}", file=sys.stderr)
        return WRONG_USAGE
    for path in written:
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
