from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any, cast

import pytest

from uplab.fakes.behaviour import Behaviour
from uplab.fakes.faults import from_data
from uplab.scenarios.cli.hand.breaking import FAKES, Breaking, kinds
from uplab.scenarios.lab.lab import Lab

BUSY = {"trigger": {"type": "FirstN", "n": 2}, "action": {"type": "Status", "code": 503}}


@pytest.fixture
def told() -> list[Any]:
    return []


@pytest.fixture
def breaking(told: list[Any]) -> Breaking:
    fakes = {name: SimpleNamespace(name=name, behaviour=Behaviour()) for name in FAKES}
    history = SimpleNamespace(emit=lambda hop, facts: told.append((hop, facts)))
    loop = SimpleNamespace(call=lambda function: function())
    return Breaking(cast(Lab, SimpleNamespace(**fakes, loop=loop, history=history)))


def test_fault_is_planned_shown_and_healed(breaking: Breaking, told: list[Any]) -> None:
    [shown] = breaking.plan("posthere", [BUSY])

    assert shown["action"] == {"type": "Status", "code": 503}
    assert shown["met"] == 0
    assert breaking.shown()["posthere"] == [shown]
    breaking.heal("posthere")
    assert breaking.shown() == {name: [] for name in FAKES}
    assert [hop for hop, _ in told] == ["fault.planned", "fault.planned"]


def test_it_is_well_again_after_its_time(breaking: Breaking) -> None:
    breaking.plan("broker", [{"trigger": {"type": "Always"}, "action": {"type": "WithholdPuback"}}], 0.01)
    breaking._timers["broker"].join(30)

    assert breaking.shown()["broker"] == []


def test_what_is_planned_later_ends_what_was_before(breaking: Breaking) -> None:
    breaking.plan("posthere", [BUSY], 3600)
    first = breaking._timers["posthere"]
    breaking.plan("posthere", [BUSY, BUSY])

    assert first.finished.is_set()
    assert len(breaking.shown()["posthere"]) == 2


@pytest.mark.parametrize(
    ("fake", "faults", "seconds", "told_"),
    [
        ("toaster", [BUSY], None, "there is no fake 'toaster'; there are posthere, widgelix"),
        ("posthere", "all", None, "faults takes a list of objects"),
        ("posthere", [{"action": {"type": "Status"}}], None, "Status: "),
        ("posthere", [{**BUSY, "trigger": {"type": "Nth", "n": 0}}], None, "n must be 1 or more"),
        ("posthere", [BUSY], "long", "seconds takes a number above 0"),
    ],
)
def test_what_cannot_be_is_said(breaking: Breaking, fake: str, faults: Any, seconds: Any, told_: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told_)):
        breaking.plan(fake, faults, seconds)
    assert breaking.shown() == {name: [] for name in FAKES}


def test_every_part_of_a_fault_can_be_named_by_its_fields() -> None:
    shown = kinds()

    assert len(shown["actions"]) == 18
    for part in [*shown["triggers"], *shown["actions"]]:
        assert part["does"], part
        given = {one["name"]: 1 if one["type"] in ("int", "float") else "x" for one in part["fields"] if one["needed"]}
        assert from_data({"type": part["type"], **given}) is not None
