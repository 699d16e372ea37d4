"""Frozen sets of the catalogue: which clauses there were at a time, so that a newer one turns no release red overnight.

A set is a file of clauses, one a line, in sets/ or the user's own; its name is its month: 2026-12. What is newer is
*not scored*: it is judged and told, and no verdict on it counts.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from uplab.scenarios.checks.requirements import clauses, concerns

__all__ = ["FrozenError", "known_sets", "newer_than", "text_of_set"]

_SETS = files("uplab.scenarios") / "checks" / "sets"


class FrozenError(Exception):
    """A set that cannot be used; the text says why, in one line."""


def known_sets() -> list[str]:
    """The names of the shipped sets, oldest first."""
    return sorted(one.name.removesuffix(".txt") for one in _SETS.iterdir() if one.name.endswith(".txt"))


def newer_than(name: str) -> frozenset[str]:
    """The clauses of uplab's catalogue that a set lacks; `name` is a shipped set, or a file; FrozenError."""
    place = _SETS / f"{name}.txt" if name in known_sets() else Path(name)
    try:
        lines = place.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError, ValueError):
        raise FrozenError(f"there is no set {name}: there are {', '.join(known_sets())}, or name a file") from None
    found = {id_: n for n, line in enumerate(lines, 1) if (id_ := line.partition("#")[0].strip())}
    shipped = clauses(own=False)
    for id_, number in found.items():
        if not any(concerns(id_, one) for one in shipped):
            raise FrozenError(f"{name}, line {number}: the catalogue has no clause {id_[:40]}")
    return frozenset(id_ for id_ in shipped if not any(concerns(id_, one) for one in found))


def text_of_set() -> str:
    """The set of all clauses that there are now, as the file that freezes them."""
    return "".join(f"{id_}\n" for id_ in clauses(own=False))
