"""The suite of the air plays every trouble there is, each once, and its devices are drawn from all there are."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from uplab.scenarios import Lab
from uplab.scenarios.checks.requirements import clauses
from uplab.scenarios.suites.air.drawn import CLAUSES, GROUPS, JOINS, drawn_device
from uplab.simulator.chance import Chance
from uplab.simulator.lorawan.region import REGIONS
from uplab.simulator.payloads import MODELS
from uplab.simulator.troubles.table import TROUBLES


def test_every_trouble_is_played_once_and_proves_a_clause() -> None:
    played = [name for group in GROUPS.values() for names in group.values() for name in names]

    assert sorted(played) == sorted(TROUBLES)
    assert set(CLAUSES.values()) <= set(clauses())
    assert JOINS.keys() <= TROUBLES.keys()


def test_devices_are_drawn_from_every_model_and_region() -> None:
    def lab(seed: int) -> Lab:
        upstream = SimpleNamespace(stream=Chance(seed).stream)
        variant = SimpleNamespace(model=None)
        return cast(
            "Lab", SimpleNamespace(upstream=upstream, variant=variant, device=lambda model, region: (model, region))
        )

    drawn: list[Any] = [drawn_device(lab(seed), name) for seed in range(12) for name in TROUBLES]

    assert {model for model, _ in drawn} == set(MODELS)
    assert {region for _, region in drawn} == set(REGIONS)
    assert [drawn_device(lab(3), name) for name in TROUBLES] == [drawn_device(lab(3), name) for name in TROUBLES]
