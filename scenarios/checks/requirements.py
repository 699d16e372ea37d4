"""The requirement catalogue, read from requirements.toml."""

import tomllib
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["Requirement", "catalogue"]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One sentence that a connector can keep or break. `source`: D document, P public documentation, O ours."""

    id: str
    document: str
    source: str
    subject: str
    text: str

    def as_dict(self) -> dict[str, Any]:
        """Plain data for run.json."""
        return asdict(self)


@cache
def catalogue() -> dict[str, Requirement]:
    """Every requirement by its id, in the catalogue's order."""
    rows = tomllib.loads((files("uplab.scenarios") / "requirements.toml").read_text(encoding="utf-8"))["requirement"]
    return {row["id"]: Requirement(**row) for row in rows}
