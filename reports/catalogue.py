"""The catalogue as a run has stored it: its rows, and their clauses."""

from dataclasses import dataclass

__all__ = ["Clause", "Requirement"]


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that a verdict can prove, a part of a row or the whole of it; `label` says how far documents say it."""

    id: str
    text: str
    subject: str
    label: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row of the catalogue. `source`: D in the document, P in the public documentation, O the harness's own.

    Runs of the time before clauses have none: there a row is proven by the scenarios that name it.
    """

    id: str
    document: str
    source: str
    text: str
    subject: str
    clauses: tuple[Clause, ...] = ()
