"""Stands in for pytest's configuration where a test needs only the options that a user gave."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

__all__ = ["config"]

_LISTS = ("only", "requirement", "must-apply", "must-reach", "catalogue")


class _Config:
    def __init__(self, given: dict[str, Any], args: list[str]) -> None:
        self._given = given
        self.args = args
        self.rootpath = Path("/")
        self.pluginmanager = SimpleNamespace(get_plugin=lambda _name: None)

    def getoption(self, name: str, default: Any = None) -> Any:
        plain = name.lstrip("-")
        return self._given.get(plain, [] if plain in _LISTS else default)


def config(*args: str, **given: Any) -> pytest.Config:
    """A configuration with these options, written as `seed="7"` or `gate_checks="2"`; everything else is not given."""
    return cast(pytest.Config, _Config({k.replace("_", "-"): v for k, v in given.items()}, list(args)))
