"""What a run excludes, as `uplab doubt` has found it: the kinds of bugs that a green run would have caught, or not.

What that command stores is read by its form and not by its names: each member of the object becomes a line.
"""

from collections.abc import Mapping
from typing import Any

from uplab.reports.text import one_line

__all__ = ["doubt_of"]

_MOST = 200


def doubt_of(stored: Mapping[str, Any] | None) -> tuple[str, ...] | None:
    """A line for each thing that was found; None where it was not asked."""
    if stored is None:
        return None
    lines: list[str] = []
    for name, value in stored.items():
        said = name.replace("_", " ")
        if isinstance(value, list):
            lines += [f"{said}: {_words(one)}" for one in value]
        else:
            lines.append(f"{said}: {_words(value)}")
    return tuple(one_line(line, 300) for line in lines[:_MOST])


def _words(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {told}" for name, told in value.items())
    return str(value)
