"""Which scenarios of what was collected are run, and in which order."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from uplab.scenarios.checks.requirements import catalogue, clauses, concerns
from uplab.scenarios.run.gate import gate_is_on
from uplab.scenarios.run.record import shown_path, suite_of
from uplab.scenarios.run.requirement_ids import requirement_id, requirement_ids
from uplab.scenarios.run.tiers import by_generation, in_tier
from uplab.scenarios.under_test.target import RunOptions

__all__ = [
    "breaks_of",
    "check_suites",
    "is_whole",
    "not_scored",
    "read",
    "recognise",
    "requirements_of",
    "select",
    "unknown_of",
]


MARKED = ("delivery",)
"""Markers by which `--only` selects as by a suite: what every forwarder can be asked stands in several suites."""


def read(config: pytest.Config) -> None:
    """Ids and suites in the catalogue's own spelling; each worker reads its command line anew."""
    config.option.requirement = requirement_ids("--requirement", config.getoption("--requirement"))
    config.option.must_apply = requirement_ids("--must-apply", config.getoption("--must-apply"))
    if config.option.must_apply and not gate_is_on(config):
        raise pytest.UsageError("--must-apply is part of --gate: add --gate")
    given = [str(name).strip() for name in config.getoption("--only")]
    config.option.only = [requirement_id(name) or name.lower() for name in given]
    if (file := config.getoption("--replayed")) is not None:
        try:
            config.option.replayed = json.loads(Path(file).read_bytes())
        except (OSError, ValueError) as error:
            raise pytest.UsageError(f"--replayed {file}: {error}") from None


def check_suites(config: pytest.Config) -> None:
    """Refuses a suite that is not there, before anything is written or started."""
    wanted = [name for name in config.getoption("--only") if requirement_id(name) is None]
    known = _suites(config) if wanted else []
    for name in wanted:
        if known and name not in map(str.lower, known):
            near = get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}? There" if near else "there"
            raise pytest.UsageError(f"--only: there is no suite {name}; {hint} are {', '.join(known)}")


def _suites(config: pytest.Config) -> list[str]:
    """The folders with scenarios below what is to be run, found without importing any."""
    skipped = config.getini("norecursedirs")
    found = set()
    for argument in config.args:
        place = Path(argument.partition("::")[0]).resolve()
        base = place.parent if place.is_file() else place
        base = config.rootpath if place.is_relative_to(config.rootpath) else base  # as pytest makes its node ids
        if place.is_file():
            found.add(suite_of(str(place.relative_to(base))))
        for folder, below, files in os.walk(place):
            below[:] = [name for name in below if not any(fnmatch(name, pattern) for pattern in skipped)]
            if any(name.startswith("test_") and name.endswith(".py") for name in files):
                found.add(suite_of(str((Path(folder) / "test_.py").relative_to(base))))
    return sorted(found)


def select(config: pytest.Config, items: list[pytest.Item], options: RunOptions) -> None:
    """Leaves in `items` what was asked for by suite, requirement, tier and stored run; shuffled where it is wanted."""
    stored = config.getoption("--replayed")
    if stored is not None:
        among = [(item.nodeid, shown_path(item.path)) for item in items]
        found = {recognise(one, among, elsewhere=not is_whole(config)) for one in stored}
        config.hook.pytest_deselected(items=[item for index, item in enumerate(items) if index not in found])
        items[:] = [item for index, item in enumerate(items) if index in found]
    only, ids = config.getoption("--only"), config.getoption("--requirement")
    chosen = [
        i
        for i in items
        if (not only or _proves(i, only) or {*only} & {suite_of(i.nodeid).lower(), *_marked(i)})
        and (not ids or _proves(i, ids))
    ]
    chosen = in_tier(config, chosen)
    config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
    if config.getoption("--shuffle"):
        random.Random(options.seed).shuffle(chosen)
    else:
        by_generation(chosen, options)
    items[:] = chosen


def _proves(item: pytest.Item, ids: Sequence[str]) -> bool:
    """Whether a scenario says that it proves one of these rows or clauses."""
    return any(concerns(own, id_) for own in requirements_of(item) for id_ in ids)


def _marked(item: pytest.Item) -> list[str]:
    """Names beside that of its suite under which `--only` finds it."""
    return [name for name in MARKED if item.get_closest_marker(name)]


def is_whole(config: pytest.Config) -> bool:
    """Whether the user named no place, so that the installed suites are what is collected."""
    return config.args == [str(config.rootpath)]


def recognise(stored: Mapping[str, Any], among: Sequence[tuple[str, str]], *, elsewhere: bool) -> int | None:
    """Which of the scenarios `among` us, (id, path) each, a stored one is; None where none or several could be.

    Those of the installed suites by their id. From `elsewhere`, a folder that the user named, it may have had another
    id and path, where it was stored: there its name counts, its file's, and as many folders above as agree.
    """
    id_ = stored["id"]
    if (exact := next((index for index, (known, _) in enumerate(among) if known == id_), None)) is not None:
        return exact
    if not elsewhere:
        return None
    file, _, name = id_.partition("::")
    wanted = PurePosixPath(stored.get("path") or file).parts[::-1]
    agree = [
        (_agreeing(wanted, PurePosixPath(path).parts[::-1]), index)
        for index, (known, path) in enumerate(among)
        if known.partition("::")[2] == name
    ]
    best = max((number for number, _ in agree), default=0)
    alike = [index for number, index in agree if number == best > 0]
    return alike[0] if len(alike) == 1 else None


def _agreeing(one: Sequence[str], other: Sequence[str]) -> int:
    """How many of their first parts are the same."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def requirements_of(item: pytest.Item) -> list[str]:
    """The clauses of the catalogue that a scenario says it proves."""
    return [id_ for marker in item.iter_markers("requirement") for id_ in marker.args]


def unknown_of(item: pytest.Item) -> list[str]:
    """What a scenario names and the catalogue lacks."""
    return [id_ for id_ in requirements_of(item) if id_ not in clauses() and id_ not in catalogue()]


def not_scored(item: pytest.Item, frozen: Mapping[str, str]) -> str | None:
    """Why nothing that a scenario proves is scored; None where something is."""
    named = requirements_of(item)
    return frozen[named[0]] if named and all(id_ in frozen for id_ in named) else None


def breaks_of(item: pytest.Item) -> list[str]:
    """The standing invariants that a scenario says it means to break."""
    return [name for marker in item.iter_markers("breaks") for name in marker.args]
