"""Rounds of worlds: how often each candidate failed as the first one did."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.worlds.small_world import small_world
from uplab.scenarios.cli.worlds import rounds
from uplab.scenarios.cli.worlds.rounds import Round, trial_of, worlds_of
from uplab.scenarios.worlds.plan import PlanError

LOST = {"check": "none lost", "hop": "forwarder", "happened": "…"}
TWICE = {"check": "none twice", "hop": "forwarder", "happened": "…"}


def test_bundle_holds_the_worlds_that_failed(tmp_path: Path) -> None:
    kept = {**small_world().model_dump(mode="json", exclude_defaults=True)}
    scenario = {"id": "s", "verdicts": [], "worlds": [{"name": "small", "plan": kept}, {"name": "other"}]}
    (tmp_path / "run.json").write_text(json.dumps({"format": 2, "seed": 1, "scenarios": [scenario]}))
    assert worlds_of(tmp_path) == [small_world()]


@pytest.mark.parametrize("plan", [None, {"name": "w"}, {"name": "w", "devices": 5}])
def test_bundle_of_a_stranger_is_not_believed(tmp_path: Path, plan: Any) -> None:
    scenario = {"id": "s", "verdicts": [], "worlds": [{"plan": plan}]}
    (tmp_path / "run.json").write_text(json.dumps({"format": 2, "seed": 1, "scenarios": [scenario]}))
    with pytest.raises(PlanError):
        worlds_of(tmp_path)


def test_candidate_fails_alike_by_check_and_hop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def play_round(plans: Any, *_: Any, **how: Any) -> Round:
        asked.extend(plan.name for plan in plans)
        assert how["alone"]
        outcome = {"c0-0": [LOST], "c0-1": [TWICE], "c1-0": [TWICE, LOST]}
        worlds = [
            {
                "name": plan.name,
                "outcome": "failed" if plan.name in outcome else "passed",
                "red": outcome.get(plan.name, []),
            }
            for plan in plans
        ]
        return Round(1, tmp_path, worlds)

    monkeypatch.setattr(rounds, "play_round", play_round)
    trial = trial_of({"red": [LOST, TWICE]}, [], times=2, place=tmp_path)
    assert trial([small_world(), small_world()]) == [1, 1]
    assert asked == ["c0-0", "c0-1", "c1-0", "c1-1"]
