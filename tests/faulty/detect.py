"""`python -m tests.faulty.detect [NAME ...]`: runs what must catch each known-bad forwarder or fake, until it has.

Says of each, as soon as it is known: killed by the predicted check in every clause that it breaks, by another one, or
survived; the hop that the report named, the seconds to the first red, and how long the rest will take. A NAME may be
that of a module, such as `pages`, for all that is in it. Ends with 1 when one was not killed as predicted.

The predicted scenarios run first, and nothing more once they have killed it. What they do not kill meets a smoke set as
well, so that a bug that others see is told apart from one that nobody sees.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

from tests.faulty import policies, warm
from tests.faulty.catalogue import CATALOGUE, MODULES
from tests.faulty.known_bad import Kill, KnownBad, announcement
from tests.faulty.plugin import LOG, NAME

__all__ = ["Result", "changed", "chosen", "main", "missed", "profile_text", "read_result", "run_command"]

# A sign of life for each document, so that a bug is also seen by those who do not look for it.
SMOKE = (
    "http/test_did_it_work.py::test_bin_shows_exactly_the_uplinks_that_were_sent",
    "widgelix/test_did_it_work.py::test_report_of_temperature_holds_what_the_device_measured",
    "thingsboard/test_did_it_work.py::test_each_device_shows_the_values_of_its_last_uplink",
    "downlink/test_delivery.py::test_downlink_reaches_the_device_unchanged",
)
TIMEOUT_S = 180
ROOT = Path(__file__).parents[2]
PATHS = os.pathsep.join([str(ROOT / ".src"), str(ROOT)])  # of this checkout, whichever one is installed


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one known-bad. `verdict` is killed, killed by another, wrong hop, survived, or not run."""

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


def missed(kill: Kill, red: list[dict[str, Any]]) -> tuple[str, str] | None:
    """What is missing from a predicted kill, as verdict and note; None when it is there."""
    found = [
        verdict
        for scenario in red
        if _test_of(scenario) == kill.scenario
        for verdict in _failing(scenario)
        if verdict["check"] == kill.check and _blames(verdict, scenario, kill.requirement)
    ]
    if not found:
        told = ", ".join(
            dict.fromkeys(f"{v['check']} of {v['requirement']} at the {v['hop']}" for s in red for v in _failing(s))
        )
        return (
            "killed by another" if red else "survived",
            f"{kill.requirement}: predicted {kill.check} in {kill.scenario}" + (f"; red is {told}" if told else ""),
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
    found = [lack for lack in (missed(kill, red) for kill in bad.kills) if lack]
    if not found:
        return Result(bad, "killed", *seen)
    # A row that stays green outweighs one that is red at the wrong place.
    worst = min((verdict for verdict, _ in found), key=("survived", "killed by another", "wrong hop").index)
    return Result(bad, worst, *seen, "; ".join(note for _, note in found))


# --- one run ----------------------------------------------------------------------------------------------------------


def profile_text(bad: KnownBad) -> str:
    """The reference forwarder's profile with what this known-bad has and chooses; [choices] is its last table."""
    if bad.policy is not None:
        return policies.profile_text(bad.policy)
    text = (files("uplab.scenarios") / "forwarders" / "reference" / "reference.toml").read_text(encoding="utf-8")
    text = text.replace("[features]\n", "[features]\n" + "".join(f"{name} = true\n" for name in bad.features))
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
        forwarder = ["env", f"PYTHONPATH={PATHS}", sys.executable, "-m", *module]
        command += ["--forwarder-command", shlex.join(forwarder)]
    if known_bad and bad.side == "fake":
        command += ["-p", "tests.faulty.plugin"]
    if bad.choices or bad.features or bad.policy is not None:
        profile = folder / "profile.toml"
        profile.write_text(profile_text(bad), encoding="utf-8")
        command += ["--forwarder-profile", str(profile)]
    return [*command, *scenarios]


class _Watcher:
    """Ends a run as soon as each predicted kill is there; a pytest plugin of the child."""

    def __init__(self, bad: KnownBad) -> None:
        self._bad = bad
        self._seen: dict[str, dict[str, Any]] = {}
        self._session: Any = None

    def pytest_sessionstart(self, session: Any) -> None:
        """Remembers whom to stop."""
        self._session = session

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Adds what one part of a scenario has shown; a try that does not count is forgotten."""
        record = dict(report.user_properties).get("uplab")
        if record is None:
            return
        for id_, verdicts in ((report.nodeid, record["verdicts"]), *((i, [v]) for i, v in record.get("late", ()) if i)):
            blank = {"id": id_, "requirements": record["requirements"], "verdicts": []}
            self._seen.setdefault(id_, blank)["verdicts"] += verdicts
        if record.get("again") is not None:
            self._seen.pop(report.nodeid)
        red = [scenario for scenario in self._seen.values() if _failing(scenario)]
        if report.when == "teardown" and not any(missed(kill, red) for kill in self._bad.kills):
            self._session.shouldstop = "killed as predicted"


def _run(bad: KnownBad, folder: Path, seed: int, *, whole: bool) -> int:
    """One run in this process, which is a child of its own: the predicted scenarios, and the smoke set."""
    import pytest

    from uplab.scenarios.run import publish
    from uplab.scenarios.run.launch import _STRANGERS, pytest_arguments

    os.environ.update({"PYTHONPATH": PATHS, "UPLAB_LOOK": "no", NAME: bad.name, LOG: str(folder / "known-bad.log")})
    vars(publish)["publish"] = lambda *_arguments, **_options: None  # run.json is all that is read
    scenarios = dict.fromkeys([*bad.scenarios, *SMOKE])
    plain = [word for name in (*_STRANGERS, "cacheprovider") for word in ("-p", f"no:{name}")]
    quiet = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    arguments = pytest_arguments([*plain, *quiet, *run_command(bad, folder, seed, scenarios)[2:]])
    return int(pytest.main(arguments, plugins=[] if whole else [_Watcher(bad)]))


def _read(bad: KnownBad, folder: Path) -> Result:
    record = folder / "latest" / "run.json"
    log = folder / "known-bad.log" if bad.side == "fake" else folder / "latest" / "logs" / "forwarder-main.log"
    if not record.exists() or not log.exists():
        said = (folder / warm.SAID).read_text(errors="replace")
        return Result(bad, "not run", (), (), None, (), said.strip()[-300:] or "it ended without a record")
    return read_result(bad, json.loads(record.read_text()), log.read_text(errors="replace"))


def detect(bads: Sequence[KnownBad], *, seed: int, jobs: int, whole: bool) -> Iterator[Result]:
    """What became of each, in the order in which they end; `whole` goes on after the kill."""
    warm.import_all()
    playing = warm.play(
        bads, lambda bad, folder: _run(bad, folder, seed, whole=whole), at_a_time=jobs, timeout_s=TIMEOUT_S
    )
    for ended in playing:
        yield _read(ended.job, ended.folder)


# --- what is run, and what is said ------------------------------------------------------------------------------------


def changed(since: str) -> set[str]:
    """The modules here, and the files of suites, that differ from a commit, or are not committed; by their paths."""
    told = [
        subprocess.run(["git", *words], capture_output=True, text=True, check=True, cwd=ROOT).stdout
        for words in (
            ("diff", "--name-only", "--merge-base", since),
            ("ls-files", "--others", "--exclude-standard"),
        )
    ]
    return set("".join(told).split())


def chosen(names: Sequence[str], since: str | None = None) -> list[KnownBad]:
    """Those that are named, by themselves or by their module; with `since` those that it may concern.

    A change concerns what stands in a changed module, or is killed by a changed suite. KeyError for a name of none.
    """
    by_module = {name: list(import_module(f"tests.faulty.{name}").BAD.values()) for name in MODULES}
    found: list[KnownBad] = []
    for name in names:
        module = Path(name).stem
        found += by_module[module] if module in by_module else [CATALOGUE[name]]
    if since is None:
        return found or list(CATALOGUE.values())
    files_ = changed(since)
    modules = {name for name in MODULES if f"tests/faulty/{name}.py" in files_}
    ours = {bad.name for name in modules for bad in by_module[name]}
    return [
        bad
        for bad in found or CATALOGUE.values()
        if bad.name in ours
        or any(f"scenarios/suites/{kill.scenario.partition('::')[0]}" in files_ for kill in bad.kills)
    ]


def _line(number: int, total: int, result: Result, took_s: float) -> str:
    """What is said of one as soon as it is known."""
    mark = "✓" if result.verdict == "killed" else "✕"
    red = "" if result.first_red_s is None else f", first red after {result.first_red_s:.1f} s"
    left = f"; {took_s / number * (total - number) / 60:.0f} min left" if number < total else ""
    seen = f" by {', '.join(result.checks)} at the {', '.join(result.hops)}" if result.checks else ""
    note = f"\n      {result.note}" if result.note else ""
    rows = " ".join(result.bad.requirements)
    return f"{number:>4}/{total} {mark} {result.verdict} {result.bad.name} ({rows}){seen}{red}{left}{note}"


def _all_scenarios() -> list[str]:
    uplab = str(Path(sys.executable).with_name("uplab"))
    listed = subprocess.run(
        [uplab, "run", "--collect-only", "--report-dir", tempfile.mkdtemp()],
        capture_output=True,
        text=True,
        check=False,
    )
    return sorted({line.partition("[")[0] for line in listed.stdout.splitlines() if "::test_" in line})


def main() -> int:
    """Runs all of them, or those that are named."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.faulty.detect", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="known-bad forwarders and fakes, or their modules (default: all)")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time (default: 2)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--only-changed",
        nargs="?",
        const="main",
        metavar="COMMIT",
        help="those whose module, or a suite that kills them, differs from this commit (default: main)",
    )
    parser.add_argument("--whole", action="store_true", help="go on after the kill: the predicted and the smoke set")
    parser.add_argument("--idle", action="store_true", help="also list the scenarios that kill nothing")
    options = parser.parse_args()
    try:
        bads = chosen(options.names, options.only_changed)
    except KeyError as error:
        parser.error(f"there is no {error.args[0]}; `python -m tests.faulty` lists them")
    begun_s = time.monotonic()
    results: list[Result] = []
    for result in detect(bads, seed=options.seed, jobs=options.jobs, whole=options.whole or options.idle):
        results.append(result)
        print(_line(len(results), len(bads), result, time.monotonic() - begun_s), flush=True)
    if options.idle:
        killers = {id_ for r in results for id_ in r.killers}
        idle = [id_ for id_ in _all_scenarios() if id_ not in killers]
        print(f"\n{len(idle)} scenarios killed nothing of what was run here:", *idle, sep="\n  ")
    open_ = [r.bad.name for r in results if r.verdict != "killed"]
    killed = f"{len(results) - len(open_)} of {len(results)} killed as predicted"
    print(f"\n{killed}, in {(time.monotonic() - begun_s) / 60:.1f} min" + "".join(f"\n  {name}" for name in open_))
    return 1 if open_ else 0


if __name__ == "__main__":
    sys.exit(main())
