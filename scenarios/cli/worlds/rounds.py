"""Runs of worlds as processes of their own, and what their records say of each world."""

from __future__ import annotations

import subprocess
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from uplab.scenarios.bundles.stored import StoredError, open_stored
from uplab.scenarios.run import launch
from uplab.scenarios.worlds.plan import FORMAT, Plan, PlanError, plan_of, write_plan
from uplab.scenarios.worlds.shrinking.shrink import Trial

__all__ = ["Round", "play_round", "trial_of", "worlds_of"]


@dataclass
class Round:
    """One run: its folder, exit code, and the worlds that it has played, as run.json has them."""

    code: int
    folder: Path | None = None
    worlds: list[dict[str, Any]] = field(default_factory=list)

    @property
    def red(self) -> list[dict[str, Any]]:
        """The worlds that failed."""
        return [one for one in self.worlds if one["outcome"] == "failed"]


def play_round(
    plans: Sequence[Plan], arguments: Sequence[str], *, report_dir: Path, alone: bool = False, quiet: bool = False
) -> Round:
    """`uplab run worlds` of these worlds; with `alone` each in a scenario of its own and a fresh forwarder."""
    with tempfile.TemporaryDirectory(prefix="uplab-worlds-") as name:
        for number, plan in enumerate(plans):
            (Path(name) / f"{number:06d}.json").write_text(write_plan(plan), encoding="utf-8")
        before = _latest(report_dir)
        more = ["--worlds-alone"] if alone else []
        words = ["worlds", "--worlds", name, "--report-dir", str(report_dir), *more, *arguments]
        silent = subprocess.DEVNULL if quiet else None
        done = subprocess.run(launch.command(words), stdout=silent, stderr=silent, check=False)  # noqa: S603
    folder = _latest(report_dir)
    if folder is None or folder == before:
        return Round(done.returncode)
    try:
        stored = open_stored(folder)
    except StoredError:
        return Round(done.returncode)
    return Round(done.returncode, folder, [w for scenario in stored.scenarios for w in scenario.get("worlds") or ()])


def worlds_of(bundle: Path) -> list[Plan]:
    """The worlds that failed in a stored run or a bundle; it may be a stranger's. PlanError where there is none."""
    stored = open_stored(bundle)
    kept = [one.get("plan") for s in stored.scenarios for one in s.get("worlds") or () if isinstance(one, dict)]
    plans = [plan_of(orjson.dumps({"world": FORMAT, **plan}).decode()) for plan in kept if isinstance(plan, dict)]
    if not plans:
        raise PlanError(f"{bundle}: no world failed in it")
    return plans


def _latest(report_dir: Path) -> Path | None:
    latest = report_dir / "latest"
    return latest.resolve() if latest.exists() else None


def trial_of(red: dict[str, Any], arguments: Sequence[str], *, times: int, place: Path) -> Trial:
    """Plays candidates and counts how often each fails as this world did: by the same check at the same hop."""
    wanted = _cause(red)

    def trial(plans: Sequence[Plan]) -> list[int]:
        copies = [
            plan.model_copy(update={"name": f"c{number}-{time}"})
            for number, plan in enumerate(plans)
            for time in range(times)
        ]
        played = play_round(copies, arguments, report_dir=place, alone=True, quiet=True)
        alike = Counter(
            one["name"].partition("-")[0]
            for one in played.worlds
            if one["outcome"] == "failed" and wanted & _causes(one)
        )
        return [alike[f"c{number}"] for number in range(len(plans))]

    return trial


def _causes(world: dict[str, Any]) -> set[tuple[str, str]]:
    return {(str(one.get("check")), str(one.get("hop"))) for one in world["red"]}


def _cause(world: dict[str, Any]) -> set[tuple[str, str]]:
    """The first of what was red: the others may follow from it."""
    first = world["red"][0] if world["red"] else {}
    return {(str(first.get("check")), str(first.get("hop")))}
