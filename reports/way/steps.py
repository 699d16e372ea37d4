"""A user's steps on pages, as a stored run tells them."""

import re
from dataclasses import dataclass
from typing import Final

from uplab.reports.fields import Fields

__all__ = ["Step", "read_step"]

_PICTURE: Final = re.compile(r"pictures/[\w.-]+\.jpg", re.ASCII)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a user on a page, in words; `picture` is a file relative to the run's folder."""

    words: str
    done: bool
    picture: str | None


def read_step(row: Fields) -> Step:
    """A step; ReportError where it is none, or its picture stands elsewhere than in the run's folder."""
    picture = row.matching("picture", _PICTURE) if row.optional_text("picture") is not None else None
    return Step(row.text("step"), row.flag("done"), picture)
