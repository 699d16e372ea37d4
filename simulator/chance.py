"""One seed for a run, one random stream for each purpose."""

from __future__ import annotations

import hashlib
import random

__all__ = ["Chance"]


class Chance:
    """Makes everything that is random from a seed, each purpose from its own name.

    A purpose that draws once more or once less leaves the others as they were, so a run can be repeated in part.
    """

    __slots__ = ("seed",)

    def __init__(self, seed: int | str) -> None:
        self.seed = seed

    def stream(self, name: str) -> random.Random:
        """Return a new generator for the purpose; the same name begins the same sequence again."""
        return random.Random(self.derive(name, 32))

    def derive(self, name: str, length: int) -> bytes:
        """Return `length` bytes, 32 at most, that depend on nothing but seed and name."""
        if not 0 < length <= 32:
            raise ValueError(f"length: expected 1 to 32 bytes, got {length}")
        return hashlib.sha256(f"{self.seed}\0{name}".encode()).digest()[:length]
