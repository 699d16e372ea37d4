"""What the user asked for: word by word, so that a run can be repeated, and in a sentence for its reports."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from uplab.scenarios.run.options import option
from uplab.scenarios.run.record import shown_path
from uplab.scenarios.run.selection import is_whole

__all__ = ["asked", "selection", "whole_was_asked"]

# Words of the command line that choose scenarios, or decide how the run goes and how it is judged.
_ASKED = (
    ("--only", "--only"),
    ("--requirement", "--requirement"),
    ("-k", "keyword"),
    ("-m", "markexpr"),
    ("--deselect", "deselect"),
    ("--ignore", "ignore"),
    ("--ignore-glob", "ignore_glob"),
    ("-n", "numprocesses"),
    ("--maxfail", "maxfail"),
    ("--must-apply", "--must-apply"),
    ("--must-reach", "--must-reach"),
    ("--catalogue", "--catalogue"),
)
_TABLE_ASKED = ("--known-failing", "--deviations", "--gate-checks", "--gate-faults", "--requirements")


def asked(config: pytest.Config, scenarios: list[dict[str, Any]]) -> Generator[list[str]]:
    """What the user gave beside seed and forwarder, word by word."""
    for flag, name in _ASKED:
        value = config.getoption(name, None)
        for one in value if isinstance(value, list) else [value] if value else []:
            yield [flag, str(one)]
    for flag in ("--full", "--shuffle", "--gate"):
        if config.getoption(flag):
            yield [flag]
    for name in _TABLE_ASKED:
        if value := option(config, name):
            yield [name, value]
    # What failed last time is something else next time; a stored run may be gone.
    if config.getoption("lf", False) or config.getoption("--replayed") is not None:
        yield sorted(
            f"{one['path']}::{one['id'].partition('::')[2]}" if one["path"] else one["id"] for one in scenarios
        )
    elif not is_whole(config):
        yield [_shown_argument(argument) for argument in config.args]


def _shown_argument(argument: str) -> str:
    path, separator, name = argument.partition("::")
    return f"{shown_path(Path(path))}{separator}{name}"


def whole_was_asked(config: pytest.Config) -> bool:
    """Whether nothing but the suites as a whole was asked for."""
    names = ("--only", "--requirement", "keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf")
    asked = any(config.getoption(name, None) for name in names) or config.getoption("--replayed") is not None
    return not asked and is_whole(config)


def selection(config: pytest.Config) -> str:
    """What the user asked for, in his own words."""
    words = [f"{name} {value}" for name in ("--only", "--requirement") for value in config.getoption(name)]
    flags = (("-k", "keyword"), ("-m", "markexpr"))
    words += [f"{flag} {config.getoption(name)!r}" for flag, name in flags if config.getoption(name)]
    words += [
        f"--{name.replace('_', '-')} {value}"
        for name in ("deselect", "ignore", "ignore_glob")
        for value in config.getoption(name, None) or ()
    ]
    words += ["--lf"] if config.getoption("lf", False) else []
    words += ["what failed in a stored run"] if config.getoption("--replayed") is not None else []
    words += ["--full"] if config.getoption("--full") else []
    places = "the suites" if is_whole(config) else ", ".join(_shown_argument(argument) for argument in config.args)
    return f"{' '.join(words)} in {places}" if words else places
