"""The requirement matrix: for each row of the catalogue, clause by clause, what verdicts that name it have shown."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from uplab.reports.run import Clause, Requirement, Run, Scenario, Unreached

__all__ = ["VERDICTS", "Group", "Matrix", "Proof", "Row", "matrix"]

# In the order in which a reader wants them.
VERDICTS = ("failed", "error", "unknown", "not reached", "gap", "not selected", "passed", "not applicable")
_RARE = ("error", "not reached", "not selected")
_TITLES = {
    "WGX": "The Widgelix connection",
    "HTTP": "The HTTP connection",
    "TB": "The ThingsBoard connection",
    "COM": "Common parameters and states",
    "DL": "Downlinks",
    "MQTT": "The MQTT connection",
    "AIR": "What goes wrong on the air",
}


@dataclass(frozen=True, slots=True)
class Proof:
    """One clause, its verdict, the scenarios that say something about it, and those that had no time to."""

    clause: Clause
    verdict: str
    scenarios: tuple[Scenario, ...]
    unreached: tuple[Unreached, ...] = ()

    @property
    def inapplicable(self) -> int:
        """How many of the scenarios did not apply to this forwarder: what the verdict does not cover."""
        return sum(scenario.outcome == "not applicable" for scenario in self.scenarios)


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement, its verdict, which is the worst of its clauses, and these."""

    requirement: Requirement
    verdict: str
    proofs: tuple[Proof, ...]

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """Those of all its clauses, each once."""
        return tuple({scenario.id: scenario for proof in self.proofs for scenario in proof.scenarios}.values())

    @property
    def unreached(self) -> tuple[Unreached, ...]:
        """Those of all its clauses, each once."""
        return tuple(dict.fromkeys(one for proof in self.proofs for one in proof.unreached))

    @property
    def inapplicable(self) -> int:
        """How many of the scenarios did not apply to this forwarder."""
        return sum(scenario.outcome == "not applicable" for scenario in self.scenarios)

    @property
    def split(self) -> bool:
        """Whether it has more than one clause."""
        return len(self.proofs) > 1


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
        """The clauses that the forwarder breaks; what only a fake can break says nothing about the forwarder."""
        proofs = (proof for row in self.rows for proof in row.proofs)
        return tuple(one.clause.id for one in proofs if one.verdict == "failed" and one.clause.subject != "fake")


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
        """The verdicts that a reader wants a column for: the rare ones only where there are some."""
        return tuple(verdict for verdict in VERDICTS if verdict not in _RARE or self.counts[verdict])

    def of(self, verdict: str) -> tuple[Row, ...]:
        """The rows with one verdict."""
        return tuple(row for row in self.rows if row.verdict == verdict)

    def clauses_of(self, verdict: str) -> tuple[str, ...]:
        """The ids of the clauses with one verdict."""
        return tuple(one.clause.id for row in self.rows for one in row.proofs if one.verdict == verdict)


def matrix(run: Run) -> Matrix:
    """Judges each clause by the scenarios that name it, and each requirement by its clauses.

    A failed or unknown verdict counts against the clause that it carries, even where its scenario does not name that
    one; a pass in passing does not count for it. Nor does a scenario that names a clause and judges something else.
    What lies outside of a selection is no gap: a scenario that was not wanted may prove it.
    """
    silent = "gap" if run.selection is None else "not selected"
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
        row = _row(requirement, naming, waiting, silent)
        for id_ in (requirement.id, *(clause.id for clause in requirement.clauses)):
            naming.pop(id_, None)
        grouped.setdefault(_prefix(requirement.id), []).append(row)
    order = sorted(grouped, key=lambda prefix: list(_TITLES).index(prefix) if prefix in _TITLES else len(_TITLES))
    return Matrix(tuple(_group(prefix, grouped[prefix]) for prefix in order), tuple(naming))


def _row(
    requirement: Requirement,
    naming: Mapping[str, list[Scenario]],
    waiting: Mapping[str, list[Unreached]],
    silent: str,
) -> Row:
    """What is said of a whole row by its own id, as suites of others may do, counts against each of its clauses."""
    whole, split = requirement.id, len(requirement.clauses) > 1
    own = Clause(whole, requirement.text, requirement.subject, "")
    proofs = []
    for clause in requirement.clauses or (own,):
        scenarios = tuple(naming.get(clause.id, ()))
        later = (*waiting.get(clause.id, ()), *(waiting.get(whole, ()) if split else ()))
        said = [_said(clause.id, one, by_verdict=bool(requirement.clauses)) for one in scenarios]
        if split:
            more = {one.id: one for one in naming.get(whole, ()) if one not in scenarios}
            told = {one.id: _said(whole, one, by_verdict=True) for one in more.values()}
            scenarios += tuple(one for one in more.values() if told[one.id] not in ("passed", "gap"))
            said += [outcome for outcome in told.values() if outcome not in ("passed", "gap")]
        proofs.append(Proof(clause, _worst(said, unreached=bool(later), silent=silent), scenarios, later))
    order = ("failed", "error", "unknown", "not reached", "gap", "not selected", "passed")
    verdicts = {proof.verdict for proof in proofs}
    return Row(requirement, next((one for one in order if one in verdicts), "not applicable"), tuple(proofs))


def _prefix(id_: str) -> str:
    return id_.rpartition("-")[0] or id_


def _group(prefix: str, rows: list[Row]) -> Group:
    documents = tuple(dict.fromkeys(row.requirement.document for row in rows))
    return Group(prefix, _TITLES.get(prefix, prefix), documents, tuple(rows))


def _worst(said: Sequence[str], *, unreached: bool, silent: str) -> str:
    """The worst that was said of a clause: a scenario that did not apply neither proves nor breaks anything.

    A scenario that was not reached might have failed, so it outweighs those that passed.
    """
    if not said and not unreached:
        return silent
    seen = {*said, *(["not reached"] if unreached else [])}
    order = ("failed", "error", "unknown", "not reached", "passed", "gap")
    return next((verdict for verdict in order if verdict in seen), "not applicable")


def _said(id_: str, scenario: Scenario, *, by_verdict: bool) -> str:
    """What a scenario says about one clause; `by_verdict` where a pass needs a verdict that names it.

    A failure whose verdicts all blame other clauses leaves this one undecided; without verdicts it counts for all.
    """
    blamed = [verdict for verdict in scenario.complaints if verdict.requirement == id_]
    if blamed:
        return blamed[0].outcome
    failures = [verdict for verdict in scenario.complaints if verdict.outcome == "failed"]
    if scenario.outcome == "failed" and failures and all(verdict.requirement for verdict in failures):
        return "unknown"
    if scenario.outcome == "passed" and by_verdict and all(verdict.requirement != id_ for verdict in scenario.verdicts):
        return "gap"
    return scenario.outcome


def _counts(rows: tuple[Row, ...]) -> dict[str, int]:
    found = Counter(row.verdict for row in rows)
    return {verdict: found[verdict] for verdict in VERDICTS}
