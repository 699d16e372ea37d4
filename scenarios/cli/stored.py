"""`uplab report`, `budget`, `history`, `replay` and `recheck`: what was stored is shown, met and judged again."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from typing import Annotated

import typer

from uplab.scenarios.cli.app import PASS_THROUGH, app, fail
from uplab.scenarios.run import interrupt
from uplab.scenarios.run.exit_codes import ERROR, FAILED, PASSED, STOPPED, UNKNOWN, WRONG_USAGE

__all__ = ["budget", "history", "recheck", "replay", "report"]


@app.command()
def report(folder: Annotated[Path, typer.Argument(help="The folder of a run, such as reports/runs/latest.")]) -> None:
    """Render the reports of a stored run again."""
    from uplab.reports.run import ReportError, broken_histories, read_run  # noqa: PLC0415
    from uplab.reports.writer import write  # noqa: PLC0415

    try:
        write(folder)
        broken = list(broken_histories(read_run(folder)))
    except ReportError as error:
        fail(str(error), WRONG_USAGE)
    print(folder / "report.html")
    if broken:
        more = f", and {len(broken) - 1} more histories" if len(broken) > 1 else ""
        fail(f"{folder}: {broken[0]}{more}; the report has the rest", WRONG_USAGE)


@app.command()
def history(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where runs are kept (--report-dir).")] = Path(
        "reports/runs"
    ),
    runs: Annotated[int, typer.Option("--runs", min=1, help="So many of the last ones.")] = 20,
    forwarder: Annotated[str | None, typer.Option(metavar="NAME", help="Of one forwarder only.")] = None,
) -> None:
    """List earlier runs, and the causes of what went wrong in them: since when, and in how many.

    It reads past.jsonl, to which each run adds a line: keep that file in CI from one run to the next, and what is new
    is told from what is known.
    """
    from rich.console import Console  # noqa: PLC0415

    from uplab.reports.past.entries import read_past  # noqa: PLC0415
    from uplab.reports.past.listing import render  # noqa: PLC0415

    entries, trouble = read_past(folder)
    shown = [one for one in entries if forwarder in (None, one.forwarder)]
    if trouble:
        print(f"uplab: {trouble}", file=sys.stderr)
    if not shown:
        of = f" of a forwarder {forwarder!r}" if forwarder else ""
        fail(f"{folder} knows no run{of}: each `uplab run` adds one", WRONG_USAGE)
    render(shown, console=Console(markup=False, emoji=False), runs=runs)


@app.command()
def budget(
    folder: Annotated[Path, typer.Argument(help="The folder of a run.")] = Path("reports/runs/latest"),
) -> None:
    """Say what each suite of a run costs, in work of processors and in waiting."""
    from rich.console import Console  # noqa: PLC0415

    from uplab.reports.figures.budget import render  # noqa: PLC0415
    from uplab.reports.run import ReportError, read_run  # noqa: PLC0415

    try:
        render(read_run(folder), Console(markup=False, emoji=False))
    except ReportError as error:
        fail(str(error), WRONG_USAGE)


@app.command(context_settings=PASS_THROUGH)
def replay(
    ctx: typer.Context,
    bundle: Annotated[str, typer.Argument(metavar="BUNDLE", help="A bundle, *.repro.zip, or the folder of a run.")],
    repeat: Annotated[
        int, typer.Option("--repeat", min=1, max=1000, metavar="N", help="So many times: says in how many of them.")
    ] = 1,
) -> None:
    """Meet a failure again: same devices, frames and faults (then the options of uplab run, as --forwarder-command).

    Says REPRODUCED, FIXED, DIFFERENT or NOT RUN for each scenario that had failed. Ends with 0 when all are fixed, 1
    when one still fails, 10 when one was not run. Without --forwarder-profile it takes the profile of the bundle.

    Nothing that a bundle names is started: its scenarios are looked up among the installed suites. One of a suite of
    your own is found when you name the suite's folder, as for uplab run.
    """
    from uplab.reports.text import one_line, visible  # noqa: PLC0415
    from uplab.scenarios.bundles.replay import exit_code, tally, where_to_keep  # noqa: PLC0415
    from uplab.scenarios.bundles.replay import replay as meet_again  # noqa: PLC0415
    from uplab.scenarios.bundles.stored import StoredError, open_stored  # noqa: PLC0415
    from uplab.scenarios.run.launch import first_named  # noqa: PLC0415
    from uplab.scenarios.run.record import make_run_folder  # noqa: PLC0415

    named, words = first_named([bundle, *ctx.args])  # options of uplab run may stand before it
    if named is None:
        fail("name a bundle, or the folder of a run: uplab replay BUNDLE", WRONG_USAGE)
    interrupt.raise_for_both()
    try:
        stored = open_stored(Path(named))
        parent, arguments = where_to_keep(words)
        place = make_run_folder(parent, stored.record["seed"]).resolve()
        tries = []
        for number in range(1, repeat + 1):
            last = place / f"{number}" if repeat > 1 else place
            last.mkdir(exist_ok=True)
            tries.append(meet_again(stored, arguments, place=last))
        replayed = tally(tries) if repeat > 1 else tries[0]
    except StoredError as error:
        fail(str(error), WRONG_USAGE)
    except OSError as error:
        fail(f"{error.filename or 'the runs'} cannot be written: {error.strerror or error}")
    except KeyboardInterrupt:
        fail("stopped", STOPPED)
    for one in replayed:
        print(f"{one.meaning:<10}  {one_line(one.title)}")
        print(textwrap.indent(visible(one.why) + (f"\nbut {one.note}" if one.note else ""), " " * 12))
    if (last / "latest").exists():
        ran = open_stored(last / "latest")
        print(f"forwarder   {one_line(str(ran.record['forwarder']['name']))}")
        print(f"report      {ran.path.resolve() / 'report.html'}")
    raise typer.Exit(exit_code(replayed))


@app.command()
def recheck(
    stored: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run, or a bundle, *.repro.zip.")],
    checks: Annotated[
        list[str] | None,
        typer.Option("--checks", metavar="MODULE", help="A module with checks of your own, or its file (repeatable)."),
    ] = None,
) -> None:
    """Judge a stored history again, by the rules as they are now; no forwarder is needed.

    What was no question to the history, as an answer of the API, is unknown then: nothing that was written of a verdict
    is believed. Ends with 1 when a check fails, 10 when one is unknown, 0 when all pass.

    A check of somebody's own is unknown, too, until you name its module: nothing is imported because a run says so.
    """
    from uplab.reports.text import one_line  # noqa: PLC0415
    from uplab.scenarios.authors.modules import ModuleError, load_module  # noqa: PLC0415
    from uplab.scenarios.bundles.recheck import recheck as judge_all  # noqa: PLC0415
    from uplab.scenarios.bundles.stored import StoredError, open_stored  # noqa: PLC0415
    from uplab.scenarios.checks.verdict import worst_outcome  # noqa: PLC0415

    try:
        for name in checks or ():
            load_module(name)
        again = list(judge_all(open_stored(stored)))
    except ModuleError as error:
        fail(f"--checks: {error}", WRONG_USAGE)
    except StoredError as error:
        fail(str(error), WRONG_USAGE)
    for one in again:
        told = one.now.happened if one.now else one.why_not
        if told and (one.changed or one.outcome != "passed"):
            was = "as before" if one.outcome == one.before else f"was {one_line(one.before, 20)}"
            print(f"{one.outcome:<8} {one_line(one.check)} ({was}): {one_line(one.scenario)}")
            print(" " * 9 + one_line(told, 500))
    asked = sum(one.now is not None for one in again)
    changed = sum(one.changed for one in again)
    others = f"; the other {len(again) - asked} cannot be judged by the history, and are unknown"
    print(f"{asked} of {len(again)} verdicts judged again, {changed} changed{others if asked < len(again) else ''}")
    code = {"failed": FAILED, "error": ERROR, "unknown": UNKNOWN, "passed": PASSED}
    raise typer.Exit(code[worst_outcome({one.outcome for one in again})])
