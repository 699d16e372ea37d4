"""How the simulator reports a hop: by calling a function with plain data, and knowing nothing of who listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

__all__ = ["Emit", "ignore"]

Emit: TypeAlias = Callable[[str, dict[str, Any]], None]
"""Takes the name of a hop and its facts; it is called from the thread in which the hop happens."""


def ignore(hop: str, facts: dict[str, Any]) -> None:
    """Let a hop pass unseen; the sender that finds this very function does not even gather the facts."""
