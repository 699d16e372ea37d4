"""The requirement catalogue, read from requirements.toml: rows, and the clauses of which a row consists."""

import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["LABELS", "Clause", "Requirement", "add_rows", "catalogue", "clauses", "concerns"]

LABELS = {"D": "documented", "P": "public", "O": "our reading"}
"""What a source means: in the document named, in the wider public documentation, ours because users expect it."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that a verdict can prove: `WGX-07.a`, or `WGX-09` where the row says one thing only.

    `subject` is who can break it: forwarder, page or fake.
    """

    id: str
    text: str
    subject: str
    source: str

    @property
    def label(self) -> str:
        """How much the documents say of it, in words."""
        return LABELS[self.source]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One sentence that a connector can keep or break; it is kept when each of its clauses is."""

    id: str
    document: str
    source: str
    subject: str
    text: str
    clauses: tuple[Clause, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain data for run.json."""
        return {**asdict(self), "clauses": [{**asdict(one), "label": one.label} for one in self.clauses]}


_OWN: dict[str, Requirement] = {}


def add_rows(rows: Iterable[Requirement]) -> None:
    """Takes rows of an author's own, in the place of those of before: from now on they belong to the catalogue."""
    _OWN.clear()
    _OWN.update({row.id: row for row in rows})
    for known in (catalogue, clauses):
        known.cache_clear()


@cache
def catalogue() -> dict[str, Requirement]:
    """Every row by its id, in the catalogue's order; those of an author's own come last."""
    return {**_shipped(), **_OWN}


@cache
def _shipped() -> dict[str, Requirement]:
    rows = tomllib.loads((files("uplab.scenarios") / "requirements.toml").read_text(encoding="utf-8"))["requirement"]
    return {row["id"]: Requirement(**{**row, "clauses": tuple(_clauses(row))}) for row in rows}


def _clauses(row: dict[str, Any]) -> Iterable[Clause]:
    """What a clause does not say is as its row says; a row without clauses is one itself."""
    common = {"text": row["text"], "subject": row["subject"], "source": row["source"]}
    for letter, given in row.get("clauses", {"": {}}).items():
        own = {"text": given} if isinstance(given, str) else given
        yield Clause(id=f"{row['id']}.{letter}".rstrip("."), **{**common, **own})


@cache
def clauses(*, own: bool = True) -> dict[str, Clause]:
    """Every clause by its id, in the catalogue's order; those of an author's `own` only where they are wanted."""
    rows = catalogue() if own else _shipped()
    return {clause.id: clause for row in rows.values() for clause in row.clauses}


def concerns(one: str, other: str) -> bool:
    """Whether two ids speak of the same: a row stands for each of its clauses."""
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")
