"""`python -m tests.faulty.detect [NAME ...]`: runs what must catch each known-bad forwarder or fake, and a smoke set.

Prints the matrix: killed by the predicted check in every clause that it breaks, by another one, or survived; the hop
that the report named; the seconds to the first red; and the scenarios that kill nothing. Ends with 1 when one was not
killed as predicted.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.faulty import policies
from tests.faulty.catalogue import CATALOGUE
from tests.faulty.known_bad import Kill, KnownBad, announcement
from tests.faulty.plugin import LOG, NAME

__all__ = ["Result", "main", "profile_text", "read_result", "run_command"]

# A sign of life for each document, so that a bug is also seen by those who do not look for it.
SMOKE = (
    "http/test_did_it_work.py::test_bin_shows_exactly_the_uplinks_that_were_sent",
    "widgelix/test_did_it_work.py::test_report_of_temperature_holds_what_the_device_measured",
    "thingsboard/test_did_it_work.py::test_each_device_shows_the_values_of_its_last_uplink",
    "downlink/test_delivery.py::test_downlink_reaches_the_device_unchanged",
)
TIMEOUT_S = 180
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one known-bad. `verdict` is killed, killed by another, survived, or not run."""

    bad: KnownBad
    verdict: str
    checks: tuple[str, ...]
    hops: tuple[str, ...]
    first_red_s: float | None
    killers: tuple[str, ...]
    note: str = ""


def _failing(scenario: dict[str, Any]) -> list[dict[str, Any]]:
    return [verdict for verdict in scenario["verdicts"] if verdict["outcome"] == "failed"]


def _test_of(scenario: dict[str, Any]) -> str:
    """The node id without parameters."""
    return str(scenario["id"].partition("[")[0])


def _blames(verdict: dict[str, Any], scenario: dict[str, Any], requirement: str) -> bool:
    """Whether a red verdict makes the report show this clause red: it names the clause, or only its scenario does."""
    named = verdict["requirement"]
    return bool(named == requirement or (named is None and requirement in scenario["requirements"]))


def _missed(kill: Kill, red: list[dict[str, Any]]) -> tuple[str, str] | None:
    """What is missing from a predicted kill, as verdict and note; None when it is there."""
    found = [
        verdict
        for scenario in red
        if _test_of(scenario) == kill.scenario
        for verdict in _failing(scenario)
        if verdict["check"] == kill.check and _blames(verdict, scenario, kill.requirement)
    ]
    if not found:
        return (
            "killed by another" if red else "survived",
            f"{kill.requirement}: predicted {kill.check} in {kill.scenario}",
        )
    hops = {str(verdict["hop"]) for verdict in found}
    return (
        None if kill.hop in hops else ("wrong hop", f"the report names {', '.join(sorted(hops))} instead of {kill.hop}")
    )


def read_result(bad: KnownBad, run: dict[str, Any], log: str) -> Result:
    """Judges one run: a kill counts when the known-bad announced itself, its changed code ran, each clause is red."""
    red = [s for s in run["scenarios"] if s["outcome"] == "failed"]
    seen = (
        tuple(dict.fromkeys(v["check"] for s in red for v in _failing(s))),
        tuple(dict.fromkeys(v["hop"] for s in red for v in _failing(s) if v["hop"])),
        min((s["ended_s"] for s in red), default=None),
        tuple(dict.fromkeys(_test_of(s) for s in red)),
    )
    there = {_test_of(s) for s in run["scenarios"] if s["outcome"] != "not applicable"}
    if absent := [scenario for scenario in bad.scenarios if scenario not in there]:
        return Result(bad, "not run", *seen, f"there is no scenario {', '.join(absent)}")
    if f'"known_bad":"{bad.name}"' not in log or announcement(bad.name, ran=True) not in log:
        return Result(bad, "not run", *seen, "the changed code did not run")
    missed = [found for found in (_missed(kill, red) for kill in bad.kills) if found]
    if not missed:
        return Result(bad, "killed", *seen)
    # A row that stays green outweighs one that is red at the wrong place.
    worst = min((verdict for verdict, _ in missed), key=("survived", "killed by another", "wrong hop").index)
    return Result(bad, worst, *seen, "; ".join(note for _, note in missed))


def profile_text(bad: KnownBad) -> str:
    """The reference forwarder's profile with the choices of this known-bad; [choices] is its last table."""
    if bad.policy is not None:
        return policies.profile_text(bad.policy)
    text = (files("uplab.scenarios") / "forwarders" / "reference" / "reference.toml").read_text(encoding="utf-8")
    return text + "".join(f"{name} = {json.dumps(value)}\n" for name, value in bad.choices.items())


def run_command(
    bad: KnownBad, folder: Path, seed: int, scenarios: Iterable[str], *, known_bad: bool = True
) -> list[str]:
    """The command line of `uplab run`; without `known_bad` that of the reference forwarder with the same profile."""
    command = [str(Path(sys.executable).with_name("uplab")), "run", "--seed", str(seed), "--report-dir", str(folder)]
    faulty = known_bad and bad.side == "forwarder"
    right = policies.right_one(bad.policy) if bad.policy is not None else ["uplab.simulator.forwarder", *bad.arguments]
    module = ["tests.faulty", bad.name] if faulty else right
    if faulty or bad.arguments or bad.policy is not None:
        forwarder = ["env", f"PYTHONPATH={ROOT}", sys.executable, "-m", *module]
        command += ["--forwarder-command", shlex.join(forwarder)]
    if known_bad and bad.side == "fake":
        command += ["-p", "tests.faulty.plugin"]
    if bad.choices or bad.policy is not None:
        profile = folder / "profile.toml"
        profile.write_text(profile_text(bad), encoding="utf-8")
        command += ["--forwarder-profile", str(profile)]
    return [*command, *scenarios]


def detect(bad: KnownBad, seed: int) -> Result:
    """Runs the predicted scenarios and the smoke set against one known-bad forwarder or fake."""
    with tempfile.TemporaryDirectory(prefix="uplab-detect-") as name:
        folder = Path(name)
        said = folder / "known-bad.log"
        done = subprocess.run(
            run_command(bad, folder, seed, dict.fromkeys([*bad.scenarios, *SMOKE])),
            env={**os.environ, "PYTHONPATH": str(ROOT), "UPLAB_LOOK": "no", NAME: bad.name, LOG: str(said)},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        record = folder / "latest" / "run.json"
        log = said if bad.side == "fake" else folder / "latest" / "logs" / "forwarder-main.log"
        if not record.exists() or not log.exists():
            return Result(bad, "not run", (), (), None, (), (done.stdout + done.stderr).strip()[-300:])
        return read_result(bad, json.loads(record.read_text()), log.read_text(errors="replace"))


def _all_scenarios() -> list[str]:
    uplab = str(Path(sys.executable).with_name("uplab"))
    listed = subprocess.run(
        [uplab, "run", "--collect-only", "--report-dir", tempfile.mkdtemp()],
        capture_output=True,
        text=True,
        check=False,
    )
    return sorted({line.partition("[")[0] for line in listed.stdout.splitlines() if "::test_" in line})


def render(results: Iterable[Result], console: Console) -> None:
    """Prints the matrix."""
    table = Table(title="Known-bad forwarders and fakes", box=None, pad_edge=False)
    for column in ("known-bad", "requirements", "verdict", "checks that turned red", "hop", "first red"):
        table.add_column(column, overflow="fold")
    marks = {"killed": "✓ killed", "survived": "✕ survived"}
    for r in results:
        seconds = "" if r.first_red_s is None else f"{r.first_red_s:.1f} s"
        table.add_row(
            r.bad.name,
            " ".join(r.bad.requirements),
            marks.get(r.verdict, f"✕ {r.verdict}"),
            ", ".join(r.checks),
            ", ".join(r.hops),
            seconds,
        )
    console.print(table)
    for r in results:
        if r.note:
            console.print(f"{r.bad.name}: {r.note}", soft_wrap=True)


def main() -> int:
    """Runs all of them, or those that are named."""
    parser = argparse.ArgumentParser(prog="python -m tests.faulty.detect", description=__doc__)
    parser.add_argument("names", nargs="*", help="known-bad forwarders and fakes (default: all)")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time (default: 2)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--idle", action="store_true", help="also list the scenarios that kill nothing")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in CATALOGUE]
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}; `python -m tests.faulty` lists them")
    chosen = [CATALOGUE[name] for name in options.names or CATALOGUE]
    console = Console() if sys.stdout.isatty() else Console(width=150)
    with ThreadPoolExecutor(options.jobs) as pool:
        found = pool.map(lambda bad: detect(bad, options.seed), chosen)
        results = list(track(found, total=len(chosen), description="detecting", console=console))
    render(results, console)
    killed = sum(r.verdict == "killed" for r in results)
    if options.idle:
        killers = {id_ for r in results for id_ in r.killers}
        idle = [id_ for id_ in _all_scenarios() if id_ not in killers]
        console.print(
            f"\n{len(idle)} scenarios killed nothing here (only the predicted ones and a smoke set were run):",
            *idle,
            sep="\n  ",
        )
    console.print(f"\n{killed} of {len(results)} killed as predicted")
    return 0 if killed == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
