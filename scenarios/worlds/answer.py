"""What a run that doubts says in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["answer"]


def answer(rows: Sequence[Mapping[str, Any]]) -> str:
    """The whole in a sentence; the rows are as run.json has them."""
    by: dict[str, list[str]] = {}
    for row in rows:
        by.setdefault(str(row["outcome"]), []).append(str(row["kind"]))
    text = f"with this profile a green run excludes {len(by.get('excluded', []))} of {len(rows)} kinds of bugs"
    if blind := by.get("blind"):
        text += f"; blind to {len(blind)}, which were met and not seen: {', '.join(blind)}"
    if unmet := by.get("not met"):
        text += f"; {len(unmet)} were never met, since nothing that is delivered leads to them: {', '.join(unmet)}"
    return text
