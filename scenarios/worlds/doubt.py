"""Doubt: which kinds of bugs a green run excludes. Each is played behind the forwarder, on worlds of the kept set.

The answer is about this forwarder with this profile: what its wire never shows, no run can see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from uplab.scenarios.lab.player.bug import Bug, Kind
from uplab.scenarios.lab.player.kinds import KINDS
from uplab.scenarios.worlds.playing.play import play

if TYPE_CHECKING:
    from uplab.scenarios.lab.lab import Lab
    from uplab.scenarios.worlds.plan import Plan

__all__ = ["KINDS", "Doubted", "Kind", "doubt"]


@dataclass(frozen=True, slots=True)
class Doubted:
    """What became of a kind: excluded, by these checks; blind, though it was met; or not met: nothing led to it."""

    kind: Kind
    outcome: str
    changed: int
    checks: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Plain data for run.json."""
        return {
            "kind": self.kind.name,
            "clause": self.kind.clause,
            "words": self.kind.words,
            "outcome": self.outcome,
            "changed": self.changed,
            "checks": list(self.checks),
        }


def doubt(lab: Lab, kind: Kind, plans: Sequence[Plan]) -> Doubted:
    """Plays one kind on these worlds; the lab must have a player."""
    player = lab.downstream.player
    assert player is not None, "a lab without a player cannot doubt"
    player.play(kind)
    try:
        played = play(lab, plans, hurried=True)
    finally:
        bug = player.play(None)
    changed = bug.changed if isinstance(bug, Bug) else 0
    red = [verdict.check for one in played for verdict in one.verdicts if verdict.outcome == "failed"]
    if red and changed:
        return Doubted(kind, "excluded", changed, tuple(dict.fromkeys(red)))
    return Doubted(kind, "blind" if changed else "not met", changed)
