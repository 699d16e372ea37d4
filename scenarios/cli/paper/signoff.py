"""`uplab signoff` and `uplab verify`: what runs prove, on paper, and the paper judged again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from uplab.scenarios.cli.app import app, fail
from uplab.scenarios.run.exit_codes import FAILED, PASSED, UNKNOWN, WRONG_USAGE

if TYPE_CHECKING:
    from uplab.scenarios.bundles.verify import Stated

__all__ = ["signoff", "verify"]

_MOST = 20  # statements that are listed


@app.command()
def signoff(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of runs, such as reports/runs/latest.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where it is written.")] = Path("reports/signoff"),
    with_histories: Annotated[
        bool, typer.Option("--with-histories", help="Also one file that carries the runs, for `uplab verify`.")
    ] = False,
) -> None:
    """Put on paper what runs prove: HTML for A4, and XLSX; several runs are joined.

    Each clause with its verdict, label and link; deviations; what is not applicable, unknown and not tested; the
    products, the documents, the digests. A clause that fails in one run has failed; what one run proves another need
    not.
    """
    from uplab.reports.paper.packed import write_sign_off  # noqa: PLC0415
    from uplab.reports.run import ReportError  # noqa: PLC0415

    made = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        for path in write_sign_off(runs, out, made=made, with_histories=with_histories):
            print(path)
    except ReportError as error:
        fail(str(error), WRONG_USAGE)


@app.command()
def verify(
    sign_off: Annotated[Path, typer.Argument(metavar="SIGNOFF", help="signoff.zip, or the folder that it was.")],
) -> None:
    """Judge a sign-off again: by the histories that it carries, without the product.

    Its digests say that it is whole, not who made it. Ends with 1 when a file was changed or a history contradicts what
    is stated, 10 when something rests on what no history holds, 0 when all of it is borne out.
    """
    from uplab.reports.text import counted, one_line  # noqa: PLC0415
    from uplab.scenarios.bundles.stored import StoredError  # noqa: PLC0415
    from uplab.scenarios.bundles.verify import verify as judge_again  # noqa: PLC0415

    try:
        found = judge_again(sign_off)
    except StoredError as error:
        fail(str(error), WRONG_USAGE)
    for line in found.broken[:_MOST]:
        print(f"changed       {one_line(line, 200)}")
    if len(found.broken) > _MOST:
        print(f"              and {len(found.broken) - _MOST} more")
    for now in ("contradicted", "not shown"):
        _print(now, found.of(now))
    print(f"{found.judged} of {found.verdicts} verdicts in {counted(found.runs, 'run')} judged again")
    passed, shown = len(found.stated), len(found.of("borne out"))
    print(
        f"{shown} of {counted(passed, 'statement')} that a clause passed are borne out by the "
        f"histories, {len(found.of('contradicted'))} contradicted, {len(found.of('not shown'))} rest on the runs' word"
    )
    wrong = bool(found.broken or found.of("contradicted"))
    raise typer.Exit(FAILED if wrong else UNKNOWN if found.of("not shown") else PASSED)


def _print(now: str, stated: Sequence[Stated]) -> None:
    from uplab.reports.text import one_line  # noqa: PLC0415

    for one in stated[:_MOST]:
        print(f"{now:<13} {one_line(one.clause, 40)}: {one_line(one.why, 200)}")
    if len(stated) > _MOST:
        print(f"{'':<13} and {len(stated) - _MOST} more")
