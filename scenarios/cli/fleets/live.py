"""A load on the terminal while it goes on: a table that is written anew, or a line every now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from uplab.reports.load.words import duration

if TYPE_CHECKING:
    from uplab.scenarios.load.conductor import Conductor, Look
    from uplab.scenarios.load.judging.tally import Tally

__all__ = ["followed", "table"]

_LINE_EACH_S: Final = 10.0
_SHOWN_EACH_S: Final = 0.5
_PHASES: Final = {
    "posting": "posting",
    "waiting": "all is posted; waiting for what is owed (Ctrl-C ends the waiting)",
    "ending": "ending",
}


def table(load: Conductor, rate: float, width: int) -> Group:
    """What is known at a moment: one row for each destination, and one for all."""
    judge = load.judge
    rows = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("destination", "accepted", "delivered", "waiting", "late", "broken", "p50", "p99"):
        rows.add_column(name, justify="left" if name == "destination" else "right")
    for name, tally in [*zip(judge.groups, judge.tallies, strict=True), ("all", judge.whole)]:
        if name != "all" or len(judge.groups) > 1:
            rows.add_row(*_row(name, tally), style="bold" if name == "all" else "")
    outcomes = judge.outcomes
    said = ", ".join(f"{outcomes[name]:,} {name}" for name in ("refused", "unclear") if outcomes[name])
    memory = load.memory_bytes
    head = f"{load.at_s:,.0f} s  {load.posted:,} sent, {outcomes['accepted']:,} accepted{', ' + said if said else ''}"
    head += f"  {rate:,.0f}/s" + (f"  forwarder {memory / 1e6:,.0f} MB" if memory else "")
    active = [band.words for band in load.facts.bands if band.ends_s is None]
    phase = _PHASES[load.phase] + (f"; {', '.join(active)}" if active else "")
    lines: list[RenderableType] = [Text(head)]
    if load.share is not None:
        bar = Table.grid()  # a bar alone ends no line
        bar.add_row(ProgressBar(total=1.0, completed=load.share, width=min(60, width)))
        lines.append(bar)
    return Group(*lines, rows, Text(phase, style="yellow" if active else "dim"))


def _row(name: str, tally: Tally) -> list[str]:
    broken = sum(tally.broken.values())
    numbers = [tally.owed, tally.delivered, tally.waiting, tally.late, broken]
    return [name, *(f"{one:,}" for one in numbers), *(duration(tally.sketch.quantile_s(one)) for one in (0.5, 0.99))]


class _Rate:
    """Deliveries a second, over the last few seconds."""

    def __init__(self) -> None:
        self._before: list[tuple[float, int]] = []

    def at(self, at_s: float, count: int) -> float:
        self._before.append((at_s, count))
        while len(self._before) > 2 and at_s - self._before[0][0] > 5:
            self._before.pop(0)
        (begin_s, begin), (end_s, end) = self._before[0], self._before[-1]
        return (end - begin) / (end_s - begin_s) if end_s > begin_s else 0.0


@contextmanager
def followed() -> Iterator[Look]:
    """Shows a load on stderr: on a terminal it stands still, elsewhere there is a line every ten seconds."""
    rate = _Rate()
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    next_s = time.monotonic() + (0 if console.is_terminal else _LINE_EACH_S)

    def line(load: Conductor) -> None:
        whole = load.judge.whole
        print(
            f"uplab load: {load.at_s:,.0f} s, {load.phase}: {load.posted:,} sent, {whole.owed:,} owed,"
            f" {whole.delivered:,} delivered, {whole.waiting:,} waiting, {whole.late:,} late,"
            f" {sum(whole.broken.values()):,} broken, p50 {duration(whole.sketch.quantile_s(0.5))},"
            f" p99 {duration(whole.sketch.quantile_s(0.99))}",
            file=sys.stderr,
            flush=True,
        )

    if not console.is_terminal:

        def look(load: Conductor) -> None:
            nonlocal next_s
            if time.monotonic() >= next_s:
                next_s = time.monotonic() + _LINE_EACH_S
                line(load)

        yield look
        return
    with Live(console=console, auto_refresh=False, transient=True) as live:

        def show(load: Conductor) -> None:
            nonlocal next_s
            if time.monotonic() >= next_s or load.phase == "ending":
                next_s = time.monotonic() + _SHOWN_EACH_S
                shown = table(load, rate.at(load.at_s, load.judge.whole.delivered), console.width)
                live.update(shown, refresh=True)

        yield show
