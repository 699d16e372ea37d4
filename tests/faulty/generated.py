"""`python -m tests.faulty.generated [WORD ...]`: bugs that nobody wrote, played on the wire of one running lab.

A first run, in which nothing is altered, says what the forwarder delivers: each member of its documents, each header
that was configured, each name of its telemetry. In a second one each of them is left out, null, 0, negated, a text,
that of another device, that of the uplink before. Prints what became of each, and ends with 1 when one survived that is
not known to be harmless. WORDs choose among the mutations, as `telemetry` or `payload.temperature`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from tests.faulty.played import LOG, NAME
from uplab.scenarios.checks.content.names import leaves
from uplab.scenarios.history.identity import find_report
from uplab.scenarios.history.reader import read_history
from uplab.scenarios.lab.player.mutation import KINDS, Mutation

__all__ = ["HARMLESS", "Fate", "delivered_names", "main", "mutations"]

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 3000
# What is played where: several devices, each with several uplinks, and quickly over.
HTTP = "http/test_headers.py::test_each_uplink_of_several_devices_keeps_its_own_headers"
TELEMETRY = "thingsboard/test_did_it_work.py::test_each_uplink_is_delivered_once_in_order"
PLAYED = {"member": HTTP, "header": HTTP, "telemetry": TELEMETRY}
COMMON = frozenset(
    ["accept", "accept-encoding", "connection", "content-length", "host", "user-agent"]
)  # any client's own, of which nothing is promised

HARMLESS: dict[str, str] = {}
"""Mutations that break no promise, each with its reason."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mutation: killed by these checks, survived, or without effect."""

    mutation: str
    verdict: str
    checks: tuple[str, ...] = ()


def delivered_names(folder: Path) -> dict[str, set[str]]:
    """What was delivered in a stored run: names of members below the root, of headers, and of telemetry."""
    found: dict[str, set[str]] = {"member": set(), "header": set(), "telemetry": set()}
    for path in folder.glob("history/**/*.jsonl"):
        for event in read_history(path):
            told = _json(event.raw)
            if event.hop == "destination.arrived" and event.ids and event.facts["fake"] == "posthere":
                report = find_report(told)
                if report is not None and report[0] == "DevEUI_uplink":
                    found["member"] |= _names(report[1])
                    found["header"] |= {name.lower() for name, _ in event.facts["headers"]} - COMMON
            elif event.hop == "destination.published" and str(event.facts["topic"]).endswith("/telemetry"):
                for points in told.values() if isinstance(told, dict) else ():
                    for point in points:
                        found["telemetry"] |= _names(point["values"])
    return found


def _names(holder: dict[str, Any]) -> set[str]:
    """The path of each value, and of each object that holds some."""
    paths = {path for path, _ in leaves(holder)}
    return paths | {".".join(path.split(".")[:n]) for path in paths for n in range(1, path.count(".") + 1)}


def _json(raw: bytes | None) -> Any:
    try:
        return json.loads(raw or b"")
    except ValueError:
        return None


def mutations(names: dict[str, set[str]], words: Iterable[str] = ()) -> Iterator[Mutation]:
    """Every kind of every name, or those whose text holds one of the words."""
    wanted = list(words)
    for what, found in names.items():
        for name in sorted(found):
            for kind in KINDS:
                mutation = Mutation.read(f"{what} {name} {kind}")
                if not wanted or any(word in str(mutation) for word in wanted):
                    yield mutation


def _run(folder: Path, seed: int, *arguments: str, environment: dict[str, str] | None = None) -> Path:
    """One `uplab run` of the reference forwarder behind the player; the folder of the stored run."""
    profile = folder / "profile.toml"
    text = (files("uplab.scenarios") / "forwarders" / "reference" / "reference.toml").read_text(encoding="utf-8")
    # What never comes under its own name is waited for in vain, hundreds of times.
    profile.write_text(text.replace("delivery_s = 5", "delivery_s = 1"), encoding="utf-8")
    uplab = str(Path(sys.executable).with_name("uplab"))
    options = ["--player", "--seed", str(seed), "--forwarder-profile", str(profile), "--report-dir", str(folder)]
    done = subprocess.run(
        [uplab, "run", *options, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    latest = folder / "latest"
    if not (latest / "run.json").exists():
        sys.exit(f"the run left nothing: {(done.stdout + done.stderr).strip()[-500:]}")
    return latest.resolve()


def read_fates(run: dict[str, Any], log: Iterable[str]) -> list[Fate]:
    """What became of each mutation, by the stored run and by what the player said."""
    changed = {told["scenario"]: told for told in map(json.loads, log)}
    fates: dict[str, Fate] = {}
    for scenario in run["scenarios"]:
        told = changed.get(scenario["id"])
        if told is None:
            continue
        red = tuple(dict.fromkeys(v["check"] for v in scenario["verdicts"] if v["outcome"] == "failed"))
        if scenario["outcome"] == "failed":
            fate = Fate(told["mutation"], "killed", red or ("the scenario itself",))
        elif told["changed"]:
            fate = Fate(told["mutation"], "survived" if scenario["outcome"] == "passed" else scenario["outcome"])
        else:
            fate = Fate(told["mutation"], "without effect")
        fates[fate.mutation] = fate
    return list(fates.values())


def main() -> int:
    """Plays all of them, and says which survived."""
    parser = argparse.ArgumentParser(prog="python -m tests.faulty.generated", description=__doc__)
    parser.add_argument("words", nargs="*", help="play only mutations whose text holds one of these")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="uplab-generated-") as name:
        folder = Path(name)
        first = _run(folder, options.seed, *dict.fromkeys(PLAYED.values()))
        if any(one["outcome"] != "passed" for one in json.loads((first / "run.json").read_text())["scenarios"]):
            sys.exit("a scenario fails although nothing is altered")
        wanted: dict[str, list[str]] = {}
        for mutation in mutations(delivered_names(first), options.words):
            wanted.setdefault(PLAYED[mutation.what], []).append(str(mutation))
        plan, log = folder / "mutations.json", folder / "mutations.log"
        plan.write_text(json.dumps(wanted), encoding="utf-8")
        log.touch()
        given = {NAME: str(plan), LOG: str(log)}
        second = _run(folder, options.seed, "-p", "tests.faulty.played", *wanted, environment=given)
        fates = read_fates(json.loads((second / "run.json").read_text()), log.read_text().splitlines())
    return report(fates)


def report(fates: list[Fate]) -> int:
    """Prints the counts and the survivors."""
    counts = Counter(fate.verdict for fate in fates)
    by_check = Counter(check for fate in fates for check in fate.checks)
    print(", ".join(f"{count} {verdict}" for verdict, count in counts.most_common()), f"of {len(fates)} mutations")
    print("killed by:", ", ".join(f"{check} {count}" for check, count in by_check.most_common()))
    bad = 0
    for fate in fates:
        if fate.verdict in ("killed", "without effect"):
            continue
        reason = HARMLESS.get(fate.mutation)
        bad += reason is None
        print(f"  {fate.verdict:<10} {fate.mutation}" + (f": {reason}" if reason else ""))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
