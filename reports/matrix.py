"""The requirement matrix: for each row of the catalogue what the scenarios that name it have shown."""

from collections import Counter
from dataclasses import dataclass

from uplab.reports.run import Requirement, Run, Scenario, Unreached

__all__ = ["VERDICTS", "Group", "Matrix", "Row", "matrix"]

# In the order in which a reader wants them.
VERDICTS = ("failed", "error", "unknown", "not reached", "gap", "passed", "not applicable")
_TITLES = {
    "WGX": "The Widgelix connection",
    "HTTP": "The HTTP connection",
    "TB": "The ThingsBoard connection",
    "COM": "Common parameters and states",
    "DL": "Downlinks",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement, its verdict, the scenarios that say something about it, and those that had no time to."""

    requirement: Requirement
    verdict: str
    scenarios: tuple[Scenario, ...]
    unreached: tuple[Unreached, ...] = ()

    @property
    def inapplicable(self) -> int:
        """How many of the scenarios did not apply to this forwarder: what the verdict does not cover."""
        return sum(scenario.outcome == "not applicable" for scenario in self.scenarios)


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one document."""

    prefix: str
    title: str
    documents: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each verdict."""
        return _counts(self.rows)

    @property
    def deviations(self) -> tuple[str, ...]:
        """The requirements that the forwarder breaks; what only a fake can break says nothing about the forwarder."""
        return tuple(
            row.requirement.id for row in self.rows if row.verdict == "failed" and row.requirement.subject != "fake"
        )


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every requirement by document; `strangers` are ids that scenarios name and the catalogue lacks."""

    groups: tuple[Group, ...]
    strangers: tuple[str, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows in the order of the groups."""
        return tuple(row for group in self.groups for row in group.rows)

    @property
    def counts(self) -> dict[str, int]:
        """How many requirements have each verdict."""
        return _counts(self.rows)

    @property
    def verdicts(self) -> tuple[str, ...]:
        """The verdicts that a reader wants a column for: "not reached" and "error" only where there are some."""
        return tuple(verdict for verdict in VERDICTS if verdict not in ("not reached", "error") or self.counts[verdict])

    def of(self, verdict: str) -> tuple[Row, ...]:
        """The rows with one verdict."""
        return tuple(row for row in self.rows if row.verdict == verdict)


def matrix(run: Run) -> Matrix:
    """Judges each requirement by the scenarios that name it.

    A failed or unknown verdict counts against the requirement that it carries, even where its scenario does not name
    that one; a pass in passing does not count for it.
    """
    naming: dict[str, list[Scenario]] = {}
    for scenario in run.scenarios:
        named = dict.fromkeys((*scenario.requirements, *(v.requirement for v in scenario.complaints if v.requirement)))
        for id_ in named:
            naming.setdefault(id_, []).append(scenario)
    waiting: dict[str, list[Unreached]] = {}
    for unreached in run.unreached:
        for id_ in dict.fromkeys(unreached.requirements):
            waiting.setdefault(id_, []).append(unreached)
    grouped: dict[str, list[Row]] = {}
    for requirement in run.requirements:
        scenarios, later = tuple(naming.pop(requirement.id, ())), tuple(waiting.get(requirement.id, ()))
        row = Row(requirement, _verdict(requirement.id, scenarios, later), scenarios, later)
        grouped.setdefault(_prefix(requirement.id), []).append(row)
    order = sorted(grouped, key=lambda prefix: list(_TITLES).index(prefix) if prefix in _TITLES else len(_TITLES))
    return Matrix(tuple(_group(prefix, grouped[prefix]) for prefix in order), tuple(naming))


def _prefix(id_: str) -> str:
    return id_.rpartition("-")[0] or id_


def _group(prefix: str, rows: list[Row]) -> Group:
    documents = tuple(dict.fromkeys(row.requirement.document for row in rows))
    return Group(prefix, _TITLES.get(prefix, prefix), documents, tuple(rows))


def _verdict(id_: str, scenarios: tuple[Scenario, ...], unreached: tuple[Unreached, ...]) -> str:
    """The worst that was seen: a scenario that did not apply neither proves nor breaks anything.

    A scenario that was not reached might have failed, so it outweighs those that passed.
    """
    if not scenarios and not unreached:
        return "gap"
    seen = {_said(id_, scenario) for scenario in scenarios} | ({"not reached"} if unreached else set())
    order = ("failed", "error", "unknown", "not reached", "passed")
    return next((verdict for verdict in order if verdict in seen), "not applicable")


def _said(id_: str, scenario: Scenario) -> str:
    """What a scenario says about one requirement.

    A failure whose verdicts all blame other requirements leaves this one undecided; without verdicts it counts for all.
    """
    blamed = [verdict for verdict in scenario.complaints if verdict.requirement == id_]
    if blamed:
        return blamed[0].outcome
    failures = [verdict for verdict in scenario.complaints if verdict.outcome == "failed"]
    if scenario.outcome == "failed" and failures and all(verdict.requirement for verdict in failures):
        return "unknown"
    return scenario.outcome


def _counts(rows: tuple[Row, ...]) -> dict[str, int]:
    found = Counter(row.verdict for row in rows)
    return {verdict: found[verdict] for verdict in VERDICTS}
