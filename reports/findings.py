"""What all reports tell of a run beside its verdicts, worked out once: its causes, and the runs before it."""

from dataclasses import dataclass

from uplab.reports.causes import Cause, causes
from uplab.reports.past.comparison import Comparison, compare
from uplab.reports.run import Deviation, Run

__all__ = ["Findings", "find"]


@dataclass(frozen=True, slots=True)
class Findings:
    """A run with its causes, worst first, and the comparison with the runs before it."""

    run: Run
    causes: tuple[Cause, ...]
    past: Comparison

    @property
    def cause_ids(self) -> dict[str, str]:
        """The cause's id of each scenario that has one."""
        return {scenario.id: cause.id for cause in self.causes for scenario in cause.scenarios}

    @property
    def first(self) -> Cause | None:
        """The cause to look at first: a new one where there is one, and one that was agreed on only where all were."""
        order = sorted(self.causes, key=lambda one: (self.deviation_of(one) is not None, one.id not in self.past.new))
        return order[0] if order else None

    def deviation_of(self, cause: Cause) -> Deviation | None:
        """The deviation that was agreed on for all that a cause has spoilt; None where there is none."""
        spoilt = {scenario.id for scenario in cause.scenarios}
        met = (one for one in self.run.deviations if one.state == "met")
        return next((one for one in met if spoilt.issubset(one.scenarios)), None)

    @property
    def deviations(self) -> dict[str, Deviation]:
        """The deviation by which a scenario may fail, by the scenario's id."""
        return {id_: one for one in self.run.deviations if one.state == "met" for id_ in one.scenarios}


def find(run: Run) -> Findings:
    """Groups what went wrong, and reads the earlier runs beside this one."""
    found = causes(run.scenarios)
    return Findings(run, found, compare(run, found))
