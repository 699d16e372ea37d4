"""Doubt: a kind that was met and seen is excluded; what nobody met proves nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.scenarios.worlds.small_world import small_world
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.lab.player.kinds import KINDS
from uplab.scenarios.lab.player.player import Player
from uplab.scenarios.worlds import doubt as module
from uplab.scenarios.worlds.playing.play import Played

RED = Verdict("none lost", "failed", 1, "", "", "forwarder")


@pytest.mark.parametrize(
    ("changed", "verdicts", "outcome"),
    [(3, (RED,), "excluded"), (3, (), "blind"), (0, (RED,), "not met"), (0, (), "not met")],
)
def test_outcomes(monkeypatch: pytest.MonkeyPatch, changed: int, verdicts: tuple[Verdict, ...], outcome: str) -> None:
    player = Player()
    lab: Any = SimpleNamespace(downstream=SimpleNamespace(player=player))

    def play(_: Any, plans: Any, **how: Any) -> list[Played]:
        assert how == {"hurried": True}
        assert player.played is not None
        player.played.changed = changed
        return [Played(plan, "failed", verdicts, 0) for plan in plans]

    monkeypatch.setattr(module, "play", play)
    found = module.doubt(lab, KINDS[0], [small_world()])
    assert (found.outcome, found.as_data()["clause"]) == (outcome, KINDS[0].clause)
    assert player.played is None
