"""What the worlds of a run have reached: each value of each dimension, drawn and judged, and pairs of one object's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from uplab.scenarios.worlds.space.dimensions import DIMENSIONS, Dimension
from uplab.scenarios.worlds.space.pairs import pairs

__all__ = ["reached"]

_JUDGED = ("passed", "failed")


def reached(worlds: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row for each dimension: `what` it is, `seen` in words, `values` as {value: [drawn, judged]}; then one of pairs.

    The worlds are as run.json has them. Nothing where none was drawn.
    """
    drawn: Counter[tuple[str, str]] = Counter()
    judged: Counter[tuple[str, str]] = Counter()
    together: set[tuple[tuple[str, str], tuple[str, str]]] = set()
    for world in worlds:
        values = {str(name): str(value) for name, value in dict(world.get("drawn") or {}).items()}
        drawn.update(values.items())
        if world.get("outcome") in _JUDGED:
            judged.update(values.items())
            together.update(combinations(sorted(values.items()), 2))
    if not drawn:
        return []
    rows = [_row(one, drawn, judged) for one in DIMENSIONS if any(drawn[one.name, value] for value in one.values)]
    allowed = list(pairs(DIMENSIONS))
    met = sum(pair in together for pair in allowed)
    words = f"{met} of {len(allowed)} allowed pairs of the dimensions of one object judged"
    return [*rows, {"what": "pairs", "seen": words, "values": {}}]


def _row(one: Dimension, drawn: Counter[tuple[str, str]], judged: Counter[tuple[str, str]]) -> dict[str, Any]:
    missing = [value for value in one.values if not judged[one.name, value]]
    words = f"{len(one.values) - len(missing)} of {len(one.values)} values judged"
    if missing:
        more = f" and {len(missing) - 8} more" if len(missing) > 8 else ""
        words += f"; not {', '.join(missing[:8])}{more}"
    counts = {value: [drawn[one.name, value], judged[one.name, value]] for value in one.values}
    return {"what": one.name, "seen": words, "values": counts}
