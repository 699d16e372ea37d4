"""Chance for worlds: each draw follows from the seed, the number of the world and its own name, and from nothing else.

Only SHA-256 and whole numbers are used, so that the same draw is the same on every machine and every version of Python;
and since draws have names, one that is left out changes no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from uplab.simulator.chance import Chance

__all__ = ["Dice"]

T = TypeVar("T")


class Dice:
    """The draws of one world, or of all of them where there is no number."""

    __slots__ = ("_chance",)

    def __init__(self, seed: int, number: int | None = None) -> None:
        self._chance = Chance(f"worlds {seed}" if number is None else f"worlds {seed} {number}")

    def below(self, name: str, most: int) -> int:
        """A whole number from 0, below `most`; `most` is far below 2**64, so that all of them are as likely."""
        return int.from_bytes(self._chance.derive(name, 8), "big") % most

    def happens(self, name: str, percent: int) -> bool:
        """Whether something happens that does so in so many of a hundred worlds."""
        return self.below(name, 100) < percent

    def pick(self, name: str, among: Sequence[T]) -> T:
        """One of them."""
        return among[self.below(name, len(among))]

    def shuffled(self, name: str, items: Sequence[T]) -> list[T]:
        """All of them, in an order that follows from the name."""
        keyed = sorted(range(len(items)), key=lambda at: self._chance.derive(f"{name} {at}", 8))
        return [items[at] for at in keyed]
