"""Which values of the dimensions of one object can stand beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from uplab.scenarios.worlds.space.dimensions import Dimension
from uplab.scenarios.worlds.space.impossible import impossible

__all__ = ["Pair", "pairs"]

Pair = tuple[tuple[str, str], tuple[str, str]]
"""A dimension and its value, and another's; in the order of their names."""


def pairs(dimensions: Sequence[Dimension]) -> Iterator[Pair]:
    """Every allowed pair of the dimensions of one object."""
    for one, other in combinations(dimensions, 2):
        if one.of != other.of:
            continue
        for value in one.values:
            for beside in other.values:
                if impossible({one.name: value}, other.name, beside) is None:
                    first, second = sorted([(one.name, value), (other.name, beside)])
                    yield first, second
