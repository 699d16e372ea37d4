"""`python -m tests.faulty.detect [NAME ...]`: runs what must catch each known-bad forwarder, and a smoke set.

Prints the matrix: killed by the predicted check, by another one, or survived; the hop that the report named; the
seconds to the first red; and the scenarios that kill nothing. Ends with 1 when one was not killed as predicted.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.faulty.catalogue import CATALOGUE
from tests.faulty.known_bad import KnownBad

__all__ = ["Result", "main", "read_result"]

# A sign of life for each document, so that a bug is also seen by those who do not look for it.
SMOKE = (
    "http/test_did_it_work.py::test_bin_shows_exactly_the_uplinks_that_were_sent",
    "widgelix/test_did_it_work.py::test_report_of_temperature_holds_what_the_device_measured",
    "thingsboard/test_did_it_work.py::test_each_device_shows_the_values_of_its_last_uplink",
    "downlink/test_delivery.py::test_downlink_reaches_the_device_unchanged",
)
TIMEOUT_S = 180


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one known-bad forwarder. `verdict` is killed, killed by another, survived, or not run."""

    bad: KnownBad
    verdict: str
    checks: tuple[str, ...]
    hops: tuple[str, ...]
    first_red_s: float | None
    killers: tuple[str, ...]
    note: str = ""


def _failing(scenario: dict[str, Any]) -> list[dict[str, Any]]:
    return [verdict for verdict in scenario["verdicts"] if verdict["outcome"] == "failed"]


def read_result(bad: KnownBad, run: dict[str, Any], log: str) -> Result:
    """Judges one run. A kill counts only when the forwarder announced itself and its changed code ran."""
    red = [s for s in run["scenarios"] if s["outcome"] == "failed"]
    killers = tuple(s["id"].partition("[")[0] for s in red)
    checks = tuple(dict.fromkeys(v["check"] for s in red for v in _failing(s)))
    hops = tuple(dict.fromkeys(v["hop"] for s in red for v in _failing(s) if v["hop"]))
    predicted = [v for s in red if s["id"].partition("[")[0] == bad.scenario for v in _failing(s)]
    first = min((s["ended_s"] for s in red), default=None)
    announced, ran = f'"known_bad":"{bad.name}"' in log, f'"known_bad":"{bad.name}","ran":true' in log
    if not any(s["id"].partition("[")[0] == bad.scenario for s in run["scenarios"]):
        return Result(bad, "not run", checks, hops, first, killers, f"there is no scenario {bad.scenario}")
    if not (announced and ran):
        return Result(bad, "not run", checks, hops, first, killers, "the changed code did not run")
    if any(v["check"] == bad.check for v in predicted):
        named = {v["hop"] for v in predicted if v["check"] == bad.check}
        note = "" if bad.hop in named else f"the report names {', '.join(map(str, named))} instead of {bad.hop}"
        return Result(bad, "killed" if not note else "wrong hop", checks, hops, first, killers, note)
    if red:
        return Result(
            bad, "killed by another", checks, hops, first, killers, f"predicted {bad.check} in {bad.scenario}"
        )
    return Result(bad, "survived", checks, hops, first, killers)


def detect(bad: KnownBad, seed: int) -> Result:
    """Runs the predicted scenario and the smoke set against one known-bad forwarder."""
    with tempfile.TemporaryDirectory(prefix="uplab-detect-") as folder:
        scenarios = list(dict.fromkeys([bad.scenario, *SMOKE]))
        command = shlex.join([sys.executable, "-m", "tests.faulty", bad.name])
        uplab = [str(Path(sys.executable).with_name("uplab")), "run", "--seed", str(seed), "--report-dir", folder]
        environment = {"PYTHONPATH": str(Path(__file__).parents[2])}
        done = subprocess.run(
            [
                *uplab,
                "--forwarder-command",
                f"env {shlex.join(f'{k}={v}' for k, v in environment.items())} {command}",
                *scenarios,
            ],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        record = Path(folder) / "latest" / "run.json"
        if not record.exists():
            return Result(bad, "not run", (), (), None, (), (done.stdout + done.stderr).strip()[-300:])
        log = Path(folder) / "latest" / "logs" / "forwarder-main.log"
        if not log.exists():
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
    table = Table(title="Known-bad forwarders", box=None, pad_edge=False)
    for column in ("forwarder", "requirement", "verdict", "checks that turned red", "hop", "first red"):
        table.add_column(column, overflow="fold")
    marks = {"killed": "✓ killed", "survived": "✕ survived"}
    for r in results:
        seconds = "" if r.first_red_s is None else f"{r.first_red_s:.1f} s"
        table.add_row(
            r.bad.name,
            r.bad.requirement,
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
    parser.add_argument("names", nargs="*", help="known-bad forwarders (default: all)")
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
