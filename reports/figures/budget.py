"""What each suite of a run costs: the time of its scenarios, and how much of it is work of processors or waiting."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from uplab.reports.run import Run, Scenario
from uplab.reports.text import counted, one_line, seconds

__all__ = ["Cost", "costs", "render"]

_DEAREST = 10


@dataclass(frozen=True, slots=True)
class Cost:
    """The sum of some scenarios. Where processors work side by side, work may be more than the time that passed."""

    name: str
    scenarios: int
    took_s: float
    cpu_s: float

    @property
    def waited_s(self) -> float:
        """What was neither work nor anything but waiting for a fact, at least."""
        return max(0.0, self.took_s - self.cpu_s)


def _cost(name: str, scenarios: Iterable[Scenario]) -> Cost:
    those = [one for one in scenarios if one.outcome != "not applicable"]
    return Cost(name, len(those), sum(one.duration_s for one in those), sum(one.cpu_s for one in those))


def costs(run: Run) -> list[Cost]:
    """Each suite, the dearest first, and all of them together at the end."""
    found = [_cost(suite, scenarios) for suite, scenarios in run.suites().items()]
    return [*sorted(found, key=lambda one: -one.took_s), _cost("together", run.scenarios)]


def render(run: Run, console: Console) -> None:
    """Prints the table, and the scenarios that take longest."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("suite", no_wrap=True)
    for name in ("scenarios", "took", "work", "waiting"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in costs(run):
        numbers = (seconds(one.took_s), seconds(one.cpu_s), seconds(one.waited_s))
        table.add_row(one_line(one.name, 40), str(one.scenarios), *numbers)
    console.print(table)
    console.print(f"\nThe whole run took {seconds(run.duration_s)}. The scenarios that took longest:")
    for scenario in sorted(run.scenarios, key=lambda one: -one.duration_s)[:_DEAREST]:
        what = f"{seconds(scenario.duration_s):>8}  {seconds(scenario.cpu_s):>8} of work  {one_line(scenario.id, 160)}"
        console.print(what, soft_wrap=True, highlight=False)
    if not any(one.cpu_s for one in run.scenarios):
        console.print(f"This run does not say what its {counted(len(run.scenarios), 'scenario')} cost of processors.")
