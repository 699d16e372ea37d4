"""A condition: something about a document, a connection or a moment under which a forwarder may go wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Condition", "Holds"]

T = TypeVar("T")

Holds = Callable[[T], bool]
"""Whether it is met by what it is asked of."""


@dataclass(frozen=True, slots=True)
class Condition(Generic[T]):
    """One row of the table: `name` is what reports and `--must-reach` call it, `source` who says that it may be met."""

    name: str
    about: str
    source: str
    holds: Holds[T]
