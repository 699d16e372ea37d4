"""`uplab catalogue`: rows of a document of one's own, looked at, and carried from one form to another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from uplab.scenarios.cli.app import app, fail
from uplab.scenarios.run.exit_codes import WRONG_USAGE

__all__ = ["catalogue"]


@app.command()
def catalogue(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE...", help="Catalogues: .toml, .csv or .xlsx; none is uplab's.")
    ] = None,
    to: Annotated[Path | None, typer.Option(metavar="FILE", help="Write them there: .toml, .csv or .xlsx.")] = None,
    freeze: Annotated[
        bool, typer.Option("--freeze", help="Print the clauses of uplab's catalogue, as a set for --requirements.")
    ] = False,
) -> None:
    """Look at catalogues of your own, or carry them from one form to another.

    A table has the columns id, text, document, source, subject; id and text
    must be there. MINE-01 is a row, MINE-01.a below it a clause of it. A run
    takes it with `uplab run --catalogue FILE`.
    """
    from uplab.reports.text import visible  # noqa: PLC0415
    from uplab.scenarios.checks.frozen import text_of_set  # noqa: PLC0415
    from uplab.scenarios.checks.own.catalogue import CatalogueError, read_catalogues, written  # noqa: PLC0415
    from uplab.scenarios.checks.requirements import catalogue as shipped  # noqa: PLC0415

    if freeze:
        print(text_of_set(), end="")
        return
    try:
        rows = read_catalogues(files) if files else list(shipped().values())
        if to is None:
            for row in rows:
                print(visible(f"{row.id}  {row.text}"))
                for one in row.clauses if row.clauses[0].id != row.id else ():
                    print(visible(f"  {one.id}  {one.text}"))
            return
        form = to.suffix.lower().removeprefix(".")
        if form not in ("toml", "csv", "xlsx"):
            fail(f"{to}: a catalogue is a .toml, a .csv or a .xlsx", WRONG_USAGE)
        to.write_bytes(written(rows, form))
    except CatalogueError as error:
        fail(str(error), WRONG_USAGE)
    except OSError as error:
        fail(f"{to}: {error.strerror}", WRONG_USAGE)
    print(f"{len(rows)} rows in {to}")
