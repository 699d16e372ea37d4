"""Earlier runs as a list for the terminal: each with its end, and below them the causes with the runs that had them."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from uplab.reports.past.entries import Entry
from uplab.reports.text import counted, moment, one_line, seconds

__all__ = ["render"]

# By uplab's exit codes.
_ENDS = {
    0: ("passed", "green"),
    1: ("failed", "bold red"),
    6: ("error", "bold magenta"),
    10: ("unknown", "bold yellow"),
}
_MOST_CAUSES = 30
_TIMED = 100  # columns in which names and times have room beside each other
_MINUTES = len("2026-12-01 02:25")


def render(entries: Sequence[Entry], *, console: Console, runs: int) -> None:
    """Prints the last runs, oldest first, so that the newest stands beside the prompt; then the causes."""
    shown = entries[-runs:]
    several = len({one.forwarder for one in shown}) > 1
    timed = console.width >= _TIMED or not several
    if not several:
        console.print(Text(f"forwarder {one_line(shown[-1].forwarder, 60)}"), soft_wrap=True)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("started", no_wrap=True)
    for name in ("forwarder", "version") if several else ("version",):
        table.add_column(name, overflow="fold")
    table.add_column("end", no_wrap=True)
    for name in ("passed", "bad", "causes", "took", *(("p50 ms", "p95 ms") if timed else ())):
        table.add_column(name, justify="right", no_wrap=True)
    for one in shown:
        word, style = _ENDS.get(one.exit_code, (f"stopped ({one.exit_code})", "yellow"))
        part = "" if one.whole else " (part)"
        table.add_row(
            moment(one.started)[:_MINUTES],
            *((one_line(one.forwarder, 60),) if several else ()),
            one_line(one.version or "", 40),
            Text(f"{word}{part}", style=style),
            f"{len(one.passed):,}",
            f"{len(one.bad):,}",
            str(len(one.causes)),
            seconds(one.duration_s),
            *(f"{ms:.1f}" for ms in (one.carried_ms or ()) if timed),
        )
    console.print(table)
    if len(entries) > len(shown):
        console.print(Text(f"{counted(len(entries) - len(shown), 'earlier run')}: --runs N shows more", style="dim"))
    _print_causes(shown, console)


def _print_causes(shown: Sequence[Entry], console: Console) -> None:
    had: dict[str, list[Entry]] = {}
    for one in shown:
        for id_ in one.causes:
            had.setdefault(id_, []).append(one)
    if not had:
        return
    console.print()
    ordered = sorted(had, key=lambda id_: had[id_][-1].started, reverse=True)
    for id_ in ordered[:_MOST_CAUSES]:
        runs = had[id_]
        first = runs[-1].causes[id_][0]
        since, last = moment(runs[0].started)[:10], moment(runs[-1].started)[:10]
        when = f"on {since}" if since == last else f"from {since} to {last}"
        words = f"{id_}  {len(runs)} of {counted(len(shown), 'run')}, {when}: {one_line(first, 200)}"
        more = len(runs[-1].causes[id_]) - 1
        console.print(Text(words + (f" and {more} more" if more else "")), soft_wrap=True)
    if len(ordered) > _MOST_CAUSES:
        console.print(Text(f"and {counted(len(ordered) - _MOST_CAUSES, 'cause')} more", style="dim"))
