"""Rows and clauses of the catalogue as people type them."""

from collections.abc import Sequence
from difflib import get_close_matches

import pytest

from uplab.scenarios.checks.requirements import catalogue, clauses

__all__ = ["nearest_ids", "requirement_id", "requirement_ids"]


def requirement_ids(name: str, ids: Sequence[str]) -> list[str]:
    """Rows and clauses, in whatever case they were written; UsageError with the nearest ones for any other."""
    found = []
    for id_ in ids:
        wanted = requirement_id(id_)
        if wanted is None:
            raise pytest.UsageError(f"{name}: there is no requirement {id_}; {nearest_ids(id_)}")
        found.append(wanted)
    return found


def requirement_id(text: str) -> str | None:
    """A row or a clause as the catalogue writes it; None where it has no such."""
    row, dot, letter = text.strip().partition(".")
    wanted = f"{row.upper()}{dot}{letter.lower()}"
    return wanted if wanted in catalogue() or wanted in clauses() else None


def nearest_ids(text: str) -> str:
    """What could have been meant: clauses of the row that was named, else rows."""
    row, dot, _ = text.strip().upper().partition(".")
    known = catalogue()
    if dot and row in known:
        ids = [clause.id for clause in known[row].clauses]
        return f"there are {ids[0]} to {ids[-1]}" if len(ids) > 1 else f"{row} has no clauses"
    return _nearest_rows(row, list(known))


def _nearest_rows(wanted: str, known: list[str]) -> str:
    """The rows of the same document where there is one, else those that look alike, else the documents."""
    prefix = wanted.partition("-")[0]
    same = [id_ for id_ in known if id_.partition("-")[0] == prefix]
    if same:
        return f"there are {same[0]} to {same[-1]}"
    prefixes = list(dict.fromkeys(id_.partition("-")[0] for id_ in known))
    near = get_close_matches(wanted, known, n=1, cutoff=0.7)
    if not near and (alike := get_close_matches(prefix, prefixes, n=1, cutoff=0.5)):
        near = [id_ for id_ in known if id_.startswith(f"{alike[0]}-")][:1]
    return f"did you mean {near[0]}?" if near else f"they begin with {', '.join(prefixes)}, as {known[0]}"
