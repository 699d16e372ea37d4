"""What a run cost, as a table."""

import io
from dataclasses import replace

from rich.console import Console

from uplab.reports.figures.budget import Cost, costs, render
from uplab.reports.run import Run


def shown(run: Run) -> str:
    out = io.StringIO()
    render(run, Console(file=out, width=120))
    return out.getvalue()


def test_each_suite_costs_work_and_waiting_the_dearest_first(run: Run) -> None:
    one, other, idle = (replace(scenario, outcome="passed") for scenario in run.scenarios[:3])
    told = replace(
        run,
        scenarios=(
            replace(one, suite="http", duration_s=2.0, cpu_s=0.5),
            replace(other, suite="faults", duration_s=3.0, cpu_s=4.0),
            replace(idle, suite="faults", duration_s=9.0, cpu_s=9.0, outcome="not applicable"),
        ),
    )

    assert costs(told) == [Cost("faults", 1, 3.0, 4.0), Cost("http", 1, 2.0, 0.5), Cost("together", 2, 5.0, 4.5)]
    assert [round(one.waited_s, 1) for one in costs(told)] == [0.0, 1.5, 0.5]
    text = shown(told)
    assert "http" in text
    assert "1.50 s" in text


def test_run_that_does_not_say_its_cost_is_told_so(run: Run) -> None:
    assert "does not say what its 30 scenarios cost" in shown(run)
