"""Which values a world has: a covering generator, in which each world leaves most of the dimensions at their default.

Of four worlds that follow each other one has a dimension, and the others leave it out; which of them, is drawn by how
rich each is, so that nearly everything and nearly nothing occur too. Whoever has it takes the dimension's next value of
a shuffled round: with 50 values or less each is drawn within 200 worlds. From then on each world begins with a pair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from uplab.scenarios.worlds.drawing.dice import Dice
from uplab.scenarios.worlds.space.dimensions import Dimension
from uplab.scenarios.worlds.space.impossible import IMPOSSIBLE, impossible
from uplab.scenarios.worlds.space.pairs import Pair, pairs

__all__ = ["drawn"]

_RICH: Final = (3, 15, 35, 60, 90)  # how likely a world has a dimension, beside one that has the others
_WIDE: Final = 200  # worlds, in which each value is drawn; from then on the pairs of one object have their turns
_TOGETHER: Final = 4
_AGAIN: Final = 10  # of a hundred worlds that leave a heavy dimension out have it all the same


def drawn(
    seed: int, number: int, dimensions: Sequence[Dimension], fixed: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The value of each dimension, by name; `fixed` are those that are given.

    Where two values cannot be together, that of the dimension is kept whose turn comes more seldom, or which cannot be
    together with more. What is drawn beside the turns gives way to them.
    """
    dice, common = Dice(seed, number), Dice(seed)
    block, place = divmod(number, _TOGETHER)
    rich = [Dice(seed, _TOGETHER * block + at).pick("rich", _RICH) for at in range(_TOGETHER)]
    found: dict[str, str] = dict(fixed or {})
    if number >= _WIDE:
        for name, value in _pair(dimensions, seed, number - _WIDE):
            if name not in found and not impossible(found, name, value):
                found[name] = value
    ordered = sorted(dimensions, key=_seldom)
    for one in ordered:
        others = [name for name in one.values if name != one.default]
        if one.name in found or not others:
            continue
        ticket = common.below(f"has {one.name} {block}", sum(rich))
        if sum(rich[:place]) <= ticket < sum(rich[: place + 1]):
            turn, at = divmod(block, len(others))
            _take(found, one, common.shuffled(f"turn {one.name} {turn}", others)[at])
    for one in ordered:
        others = [name for name in one.values if name != one.default]
        if one.name not in found and others and one.heavy and dice.happens(f"again {one.name}", _AGAIN):
            _take(found, one, dice.pick(f"value {one.name}", others))
    for one in ordered:
        if one.name not in found:
            possible = (name for name in one.values if not impossible(found, one.name, name))
            found[one.name] = next(possible, one.default)
    return {one.name: found[one.name] for one in dimensions}


_known: dict[tuple[int, tuple[str, ...]], list[Pair]] = {}


def _pair(dimensions: Sequence[Dimension], seed: int, number: int) -> Pair | tuple[()]:
    """The next pair of a shuffled round of those of which neither is a default."""
    key = seed, tuple(value for one in dimensions for value in (one.name, *one.values))
    if key not in _known:
        _known.clear()  # they are few at a time, and made quickly
        defaults = {(one.name, one.default) for one in dimensions}
        _known[key] = [one for one in pairs(dimensions) if defaults.isdisjoint(one)]
        _known[key] = Dice(seed).shuffled("pairs", _known[key])
    allowed = _known[key]
    return allowed[number % len(allowed)] if allowed else ()


def _seldom(one: Dimension) -> tuple[int, str]:
    rows = sum(one.name in (row[0], row[2]) for row in IMPOSSIBLE)
    return -len(one.values) * (1 + rows), one.name


def _take(found: dict[str, str], one: Dimension, value: str) -> None:
    if not impossible(found, one.name, value):
        found[one.name] = value
