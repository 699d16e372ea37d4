"""What a scenario may ask for is pinned: a name that goes has to warn for a minor version first."""

from __future__ import annotations

import inspect

import pytest

from uplab.scenarios.run import awake, fixtures, plugin

PUBLIC = [
    *("broker", "connection", "device", "devices", "faults", "httpserver", "lab"),
    *("posthere_bin", "thingsboard_account", "widgelix_account"),
]


def test_public_fixtures_are_these() -> None:
    assert sorted([*awake.__all__, *fixtures.__all__]) == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_fixture_says_what_it_is(name: str) -> None:
    fixture = getattr(awake, name, None) or getattr(fixtures, name)
    said = inspect.getdoc(fixture)  # what `pytest --fixtures` shows

    assert said
    assert said.partition("\n")[0].endswith((".", "open, and the devices are bound to it.", ":"))


def test_who_asks_for_one_asleep_is_told_how_to_wake_it() -> None:
    assert sorted({*plugin.FIXTURES, "httpserver"}) == PUBLIC  # that one may be its own plugin's
