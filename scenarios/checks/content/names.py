"""How names are compared: in any case, with or without separators, nested or flattened by a dot."""

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["Leaf", "leaves", "plain"]

Leaf = tuple[str, Any]
"""The path of a value, its names joined by dots, and the value."""


def plain(name: str) -> str:
    """A name without case and separators: `Lrr-RSSI`, `lrr_rssi` and `LrrRSSI` are one."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def leaves(value: Mapping[str, Any], path: str = "") -> Iterator[Leaf]:
    """Each value that is no object, with its path; an array is one value, and so is an empty object."""
    for name, one in value.items():
        below = f"{path}.{name}" if path else name
        if isinstance(one, dict) and one:
            yield from leaves(one, below)
        else:
            yield below, one
