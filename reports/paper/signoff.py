"""A sign-off: what one or several runs prove of a product, clause by clause, and what they do not.

Pure: stored runs go in, statements come out, which `page.py` and `sheet.py` put on paper.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from uplab.reports.matrix import Proof, matrix
from uplab.reports.run import Deviation, Document, ReportError, Run

__all__ = ["FORMAT", "Section", "SignOff", "Statement", "Tested", "sign_off"]

FORMAT = 1
_LABELS = {"D": "documented", "P": "public", "O": "our reading"}
# A failure anywhere fails the whole; what one run proves another need not.
_WORST = ("failed", "agreed deviation", "error", "unknown", "passed")


@dataclass(frozen=True, slots=True)
class Tested:
    """One run of the sign-off: what was tested, when, where and how. `sha256` is that of its run.json."""

    name: str
    started: str
    duration_s: float
    seed: int
    forwarder: str
    version: str | None
    digest: str | None
    profile: str
    machine: str | None
    selection: str | None
    exit_code: int
    uplab: str
    sha256: str
    doubt: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Statement:
    """What is stated of one clause: the verdict of all runs together, and of each; `why` where it is not proven.

    `verdict` is passed, failed, agreed deviation, error, unknown, not tested or not applicable.
    """

    id: str
    text: str
    label: str
    subject: str
    verdict: str
    by_run: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Section:
    """The clauses of one connector document, or of what all have in common."""

    prefix: str
    title: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class SignOff:
    """The whole."""

    runs: tuple[Tested, ...]
    documents: tuple[Document, ...]
    sections: tuple[Section, ...]
    deviations: tuple[tuple[str, Deviation], ...]

    @property
    def statements(self) -> tuple[Statement, ...]:
        """All clauses."""
        return tuple(one for section in self.sections for one in section.statements)

    @property
    def counts(self) -> dict[str, int]:
        """How many clauses came to which verdict, in a reader's order, none left out."""
        order = ("passed", "failed", "agreed deviation", "error", "unknown", "not tested", "not applicable")
        found = [one.verdict for one in self.statements]
        return {verdict: found.count(verdict) for verdict in order}

    @property
    def products(self) -> tuple[str, ...]:
        """What was tested, each product once: name, version and digest."""
        said = (" ".join(filter(None, (one.forwarder, one.version, one.digest))) for one in self.runs)
        return tuple(dict.fromkeys(said))


def sign_off(runs: Sequence[Run]) -> SignOff:
    """Joins the runs; ReportError where they do not go by the same catalogue, so that a clause has one text."""
    if not runs:
        raise ReportError("there is no run to sign off")
    proofs = [_proofs(run) for run in runs]
    first = proofs[0]
    for run, found in zip(runs[1:], proofs[1:], strict=True):
        other = next((id_ for id_ in (*first, *found) if _text(first.get(id_)) != _text(found.get(id_))), None)
        if other is not None:
            raise ReportError(
                f"{run.folder} and {runs[0].folder} do not say the same of {other}: sign off runs of one uplab together"
            )
    groups = matrix(runs[0]).groups
    sections = tuple(
        Section(
            group.prefix,
            group.title,
            tuple(
                _statement(
                    proof, _label(proof, row.requirement.source), [found[proof.clause.id] for found in proofs], runs
                )
                for row in group.rows
                for proof in row.proofs
            ),
        )
        for group in groups
    )
    return SignOff(
        tuple(_tested(run) for run in runs),
        tuple(dict.fromkeys(one for run in runs for one in run.documents)),
        sections,
        tuple((run.folder.name, one) for run in runs for one in run.deviations),
    )


def _proofs(run: Run) -> dict[str, Proof]:
    return {proof.clause.id: proof for row in matrix(run).rows for proof in row.proofs}


def _text(proof: Proof | None) -> str | None:
    return proof.clause.text if proof is not None else None


def _label(proof: Proof, source: str) -> str:
    return proof.clause.label or _LABELS.get(source, source)


def _tested(run: Run) -> Tested:
    try:
        digest = hashlib.sha256((run.folder / "run.json").read_bytes()).hexdigest()
    except OSError as error:
        raise ReportError(f"{run.folder / 'run.json'} cannot be read: {error.strerror}") from None
    product = run.forwarder
    return Tested(
        run.folder.name,
        run.started,
        run.duration_s,
        run.seed,
        product.name,
        product.version,
        product.digest,
        product.profile,
        run.machine,
        run.selection,
        run.exit_code,
        run.version + (f" ({run.commit})" if run.commit else ""),
        digest,
        run.doubt,
    )


def _statement(proof: Proof, label: str, found: Sequence[Proof], runs: Sequence[Run]) -> Statement:
    said = tuple(_of_run(one, run) for one, run in zip(found, runs, strict=True))
    verdict = next((one for one in _WORST if one in said), None)
    if verdict is None:
        verdict = "not tested" if "not tested" in said else "not applicable"
    return Statement(
        proof.clause.id, proof.clause.text, label, proof.clause.subject, verdict, said, _why(verdict, found, said)
    )


def _of_run(proof: Proof, run: Run) -> str:
    """What one run says of a clause, in a sign-off's words."""
    if proof.verdict in ("gap", "not reached", "not selected"):
        return "not tested"
    if proof.verdict == "failed":
        met = {id_ for one in run.deviations if one.state == "met" for id_ in one.scenarios}
        broke = [one.id for one in proof.scenarios if one.outcome == "failed"]
        if broke and met.issuperset(broke):
            return "agreed deviation"
    return proof.verdict


def _why(verdict: str, found: Sequence[Proof], said: Sequence[str]) -> str:
    """One reason for what is no pass: the first complaint, or why nothing was asked."""
    for proof, of_run in zip(found, said, strict=True):
        if of_run != verdict or verdict == "passed":
            continue
        if verdict == "not tested":
            waiting = {"not reached": "the run ended before", "not selected": "outside of what was selected"}
            return waiting.get(proof.verdict, "no verdict of the run names it")
        for scenario in proof.scenarios:
            if verdict == "not applicable" and scenario.outcome == verdict:
                return scenario.reason or "the forwarder does not offer it"
            for complaint in scenario.complaints:
                if complaint.requirement == proof.clause.id or proof.verdict == "unknown":
                    return f"{complaint.check}: {complaint.happened}"
            if scenario.outcome in ("failed", "error", "unknown"):
                return scenario.reason or (scenario.message or scenario.outcome).partition("\n")[0]
    return ""


def as_data(one: SignOff) -> dict[str, Any]:
    """The sign-off as plain data, for signoff.json."""
    return {
        "format": FORMAT,
        "runs": [{name: getattr(run, name) for name in Tested.__dataclass_fields__} for run in one.runs],
        "clauses": [
            {"id": statement.id, "verdict": statement.verdict, "by_run": list(statement.by_run)}
            for statement in one.statements
        ],
    }
