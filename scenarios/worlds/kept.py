"""Worlds in a folder, and in which batches they are played."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

from uplab.scenarios.worlds import plan as p
from uplab.scenarios.worlds.plan import Plan, PlanError, read_plan
from uplab.scenarios.worlds.space.offered import CONNECTORS, ways_again
from uplab.scenarios.worlds.space.refusals import REFUSALS
from uplab.scenarios.worlds.space.taken import TAKEN

if TYPE_CHECKING:
    from uplab.scenarios.under_test.profile import Profile

__all__ = ["KEPT", "MOST", "TOGETHER", "WINDOW", "batches", "lacking_of", "read_folder"]

KEPT: Final = Path(__file__).parent / "kept"
"""The worlds that every run plays."""

MOST: Final = 200
"""Worlds of one folder in a run: what is more belongs to `uplab explore`."""

TOGETHER: Final = 25
"""Worlds of one batch: one wait for so many costs little, and what fails in it is still found quickly."""


WINDOW: Final = 100
"""Worlds of which batches are made: the first are over before others begin, so that what fails is found early."""


def read_folder(folder: Path, *, most: int = MOST) -> list[Plan]:
    """The worlds of a folder, or of one file, by their names; PlanError for the first that cannot be read."""
    if not folder.exists():
        raise PlanError(f"{folder}: there is no such file or folder")
    files = sorted(folder.glob("*.json")) if folder.is_dir() else [folder]
    if len(files) > most:
        raise PlanError(f"{folder}: it holds {len(files):,} worlds, and a run plays {most:,} at most: uplab explore")
    found: dict[str, Path] = {}
    plans = []
    for file in files:
        plan = read_plan(file)
        if plan.name in found:
            raise PlanError(f"{file}: another world is called {plan.name}, in {found[plan.name].name}")
        found[plan.name] = file
        plans.append(plan)
    return plans


def batches(plans: Sequence[Plan], together: int = TOGETHER, window: int = WINDOW) -> Iterator[list[Plan]]:
    """In their order, but that of each window those are together that restart alike, fail, or go by one clock."""
    for first in range(0, len(plans), window):
        ordered = sorted(plans[first : first + window], key=_kind)
        for _, alike in groupby(ordered, key=_kind):
            rest = list(alike)
            yield from (rest[at : at + together] for at in range(0, len(rest), together))


def _kind(plan: Plan) -> tuple[int, bool, tuple[bool, ...], bool]:
    restarts = tuple(step.kill for step in plan.steps if isinstance(step, p.Restart))
    waits = any(isinstance(step, p.Fault) for step in plan.steps) or any(
        one.trouble and one.to in ("http", "https") for one in plan.connections.values()
    )
    return plan.rate, plan.login, restarts, waits and not restarts


_OPTIONS: Final = frozenset(
    {"sendMetadata", "sendRawDecodedFormat", "uplinkTimeValidity", "lrcCompliance", "tiak", "reconnectStrategy"}
)
_DOWNLINKS: Final = frozenset({"downlinkPort", "downlinkEnabled", "downlinkAsId", "downlinkAsKey"})


def lacking_of(plan: Plan, profile: Profile) -> str | None:
    """What a world needs and the profile does not declare, in words; None where it can be played."""
    needed = dict.fromkeys(_needed(plan))
    features = {name for name, value in profile.features.model_dump().items() if value} | ways_again(profile)
    missing = [name for name in needed if name not in features]
    return f"the profile {profile.name} does not declare {', '.join(missing)}" if missing else None


def _needed(plan: Plan) -> Iterator[str]:
    configured = [*plan.connections.values(), *(s.to for s in plan.steps if isinstance(s, p.Change) and s.to)]
    yield from ("api", "flows")
    if plan.rate != 1:
        yield from ("clock", "durable")
    if plan.login:
        yield from ("login", "durable")
    for one in configured:
        yield CONNECTORS.get(one.to, "http")
        keys = set(one.configuration)
        if keys & _OPTIONS or one.active is not None:
            yield "options"
        if keys & _DOWNLINKS:
            yield "downlinks"
        if "blamePeriod" in keys:
            yield "blame"
        if "strictMode" in keys:
            yield "strict"
        if any("{" in str(value) for value in one.configuration.get("headers", {}).values()):
            yield "patterns"
    for step in plan.steps:
        yield from {p.Downlink: ("downlinks",), p.Restart: ("durable",), p.Fault: ("again",)}.get(type(step), ())
        if isinstance(step, p.Take):
            yield from TAKEN[step.row].needs
        if isinstance(step, p.Refuse):
            yield from (name for name in REFUSALS[step.row].needs if name != "token")
