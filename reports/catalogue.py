"""The catalogue as a run has stored it: its rows and their clauses, and what stands beside its checks."""

from dataclasses import dataclass

__all__ = ["Check", "Clause", "Requirement"]


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


@dataclass(frozen=True, slots=True)
class Check:
    """What a check promises, who says so, what it asks in words, and what to try where it fails.

    `standing` ones are asked of the whole run.
    """

    name: str
    standing: bool
    promise: str
    source: tuple[str, ...]
    asks: str
    advice: str | None
