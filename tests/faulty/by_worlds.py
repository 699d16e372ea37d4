"""`python -m tests.faulty.by_worlds [NAME ...]`: which known-bad forwarders worlds find, their own scenarios left out.

Thirty are chosen by lot unless some are named (by themselves or by their module): none of pages. Each is played the
worlds of one seed until one is red, and what became of it is said at once: the world, how many were played by then
(the whole of its batch counts), by which check. One counts as found only where its changed code ran. Ends with 1 when
fewer than four of five are found.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.faulty import warm
from tests.faulty.catalogue import CATALOGUE
from tests.faulty.detect import PATHS, chosen, profile_text, run_command
from tests.faulty.known_bad import KnownBad, announcement
from uplab.scenarios.under_test.profile import load_profile
from uplab.scenarios.worlds.drawing.compose import world
from uplab.scenarios.worlds.drawing.dice import Dice
from uplab.scenarios.worlds.plan import write_plan
from uplab.scenarios.worlds.space.offered import offered

__all__ = ["Found", "by_lot", "main", "read_found"]

LOT = 30
SHARE = 0.8  # of those that are played, so many are to be found


@dataclass(frozen=True, slots=True)
class Found:
    """What became of one: `world` is the first that was red, `played` how many worlds were over by then."""

    name: str
    verdict: str  # found, not found, not run
    played: int
    world: str = ""
    checks: tuple[str, ...] = ()
    hops: tuple[str, ...] = ()
    took_s: float = 0.0
    note: str = ""


def by_lot(seed: int, count: int = LOT) -> list[KnownBad]:
    """So many known-bad forwarders, of which no kill is a page's scenario; the same for each seed."""
    among = [
        bad
        for bad in CATALOGUE.values()
        if bad.side == "forwarder"
        and not any(k.scenario.startswith("pages/") or "page" in k.scenario for k in bad.kills)
    ]
    return Dice(seed).shuffled("lot", sorted(among, key=lambda bad: bad.name))[:count]


def read_found(name: str, run: dict[str, Any], log: str) -> Found:
    """By the record of a run of worlds and the forwarder's log; batches count whole, in the order of the record."""
    played = 0
    for scenario in run["scenarios"]:
        worlds = scenario.get("worlds") or []
        played += len(worlds)
        red = [one for one in worlds if one["outcome"] == "failed"]
        broken = [v for v in scenario["verdicts"] if v["outcome"] == "failed"]
        if not red and not broken:
            continue
        if announcement(name, ran=True) not in log:
            return Found(name, "not run", played, note="red, though the changed code did not run")
        checks = tuple(dict.fromkeys(v["check"] for v in broken))
        hops = tuple(dict.fromkeys(v["hop"] for v in broken if v["hop"]))
        note = str(broken[0]["happened"])[:200] if broken else ""
        return Found(name, "found", played, red[0]["name"] if red else "", checks, hops, scenario["ended_s"], note)
    ran = announcement(name, ran=True) in log
    note = "its changed code ran" if ran else "its changed code never ran"
    return Found(name, "not found", played, note=note)


def _run(bad: KnownBad, folder: Path, *, seed: int, worlds: int, first: int) -> int:
    """One run in this process, which is a child of its own: worlds until one is red."""
    import pytest

    from uplab.scenarios.run import publish
    from uplab.scenarios.run.launch import _STRANGERS, pytest_arguments

    profile = folder / "offered.toml"
    profile.write_text(profile_text(bad), encoding="utf-8")
    dimensions = offered(load_profile(profile))
    drawn = folder / "worlds"
    drawn.mkdir()
    for number in range(first, first + worlds):
        (drawn / f"{number:06d}.json").write_text(write_plan(world(seed, number, dimensions)), encoding="utf-8")
    os.environ.update({"PYTHONPATH": PATHS, "UPLAB_LOOK": "no"})
    vars(publish)["publish"] = lambda *_arguments, **_options: None  # run.json is all that is read
    plain = [word for name in (*_STRANGERS, "cacheprovider") for word in ("-p", f"no:{name}")]
    quiet = ["-W", "ignore::pytest.PytestAssertRewriteWarning", "--exitfirst"]
    command = run_command(bad, folder, seed, ["worlds", "--worlds", str(drawn)])[2:]
    return int(pytest.main(pytest_arguments([*plain, *quiet, *command])))


def _read(bad: KnownBad, folder: Path) -> Found:
    record, log = folder / "latest" / "run.json", folder / "latest" / "logs" / "forwarder-main.log"
    if not record.exists() or not log.exists():
        said = (folder / warm.SAID).read_text(errors="replace")
        return Found(bad.name, "not run", 0, note=said.strip()[-300:] or "it ended without a record")
    return read_found(bad.name, json.loads(record.read_text()), log.read_text(errors="replace"))


def play(bads: Sequence[KnownBad], *, seed: int, worlds: int, first: int, minutes: float, jobs: int) -> Iterator[Found]:
    """What became of each, in the order in which they end."""
    warm.import_all()
    playing = warm.play(
        bads,
        lambda bad, folder: _run(bad, folder, seed=seed, worlds=worlds, first=first),
        at_a_time=jobs,
        timeout_s=minutes * 60,
    )
    for ended in playing:
        yield _read(ended.job, ended.folder)


def _line(number: int, total: int, one: Found) -> str:
    mark = "✓" if one.verdict == "found" else "✕"
    by = f" by {', '.join(one.checks)} at the {', '.join(one.hops)}" if one.checks else ""
    where = f" in {one.world}" if one.world else ""
    took = f", {one.took_s:.0f} s" if one.took_s else ""
    note = f"\n      {one.note}" if one.note else ""
    return f"{number:>4}/{total} {mark} {one.verdict} {one.name}: {one.played} worlds{where}{by}{took}{note}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Plays those that the lot names, or those that are named."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.faulty.by_worlds",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", help="known-bad forwarders, or their modules (default: by lot)")
    parser.add_argument("--lot", type=int, default=1, metavar="SEED", help="the seed of the lot (default: 1)")
    parser.add_argument("--count", type=int, default=LOT, help=f"how many are chosen by lot (default: {LOT})")
    parser.add_argument("--seed", type=int, default=1, help="of the worlds (default: 1)")
    parser.add_argument("--first", type=int, default=0, help="the number of the first world (default: 0)")
    parser.add_argument("--worlds", type=int, default=2000, help="worlds for each, at most (default: 2000)")
    parser.add_argument("--minutes", type=float, default=10, help="for each, at most (default: 10)")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time (default: 2)")
    parser.add_argument("--log", type=Path, help="a file for the results, one line of JSON each")
    options = parser.parse_args(arguments)
    try:
        bads = chosen(options.names) if options.names else by_lot(options.lot, options.count)
    except KeyError as error:
        parser.error(f"there is no {error.args[0]}; `python -m tests.faulty` lists them")
    begun_s, results = time.monotonic(), list[Found]()
    some = {"seed": options.seed, "worlds": options.worlds, "first": options.first, "minutes": options.minutes}
    for found in play([bad for bad in bads if bad.side == "forwarder"], jobs=options.jobs, **some):
        results.append(found)
        print(_line(len(results), len(bads), found), flush=True)
        if options.log is not None:
            with options.log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(found)) + "\n")
    caught = [one for one in results if one.verdict == "found"]
    until = f"; the median was found by the end of {median(one.played for one in caught):.0f} worlds" if caught else ""
    print(f"\n{len(caught)} of {len(results)} found, in {(time.monotonic() - begun_s) / 60:.1f} min{until}")
    return 0 if len(caught) >= SHARE * len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
