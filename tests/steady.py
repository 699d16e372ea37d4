"""`python -m tests.steady`: clean runs must be green, whatever the seed, the order, the neighbours and the load.

Every run has a seed of its own, a shuffled order and two workers, and walks through the pages in a browser where there
is one; every second round has two runs side by side, every other one of those the processor kept busy. All runs are
made, whatever comes of them; a table at the end says which were red, and which unknown: an exit code of 0 is green, 10
is unknown, any other is red. What alarmed is told with its run.
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from uplab.reports.run import ReportError, Scenario, read_run
from uplab.scenarios.run.exit_codes import PASSED, UNKNOWN
from uplab.scenarios.suites.pages.chromium import find_chromium, missing

__all__ = ["Outcome", "Round", "main", "read_outcome", "rounds", "summed"]

UPLAB = str(Path(sys.executable).with_name("uplab"))
BURN = "import time\nend = time.monotonic() + 600\nwhile time.monotonic() < end: pass"
RUN_S = 1800.0  # a run that needs longer hangs
PAGES = "pages/"


@dataclass(frozen=True, slots=True)
class Round:
    """Runs that are made at once: their seeds, and whether the processor is kept busy meanwhile."""

    seeds: tuple[int, ...]
    load: bool

    @property
    def how(self) -> str:
        """In words."""
        return " ".join(["beside another"] * (len(self.seeds) > 1) + ["under load"] * self.load) or "alone"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run came to; `alarms` are the scenarios that failed or stayed unknown, as `typed: why`."""

    seed: int
    how: str
    code: int | None
    took_s: float
    passed: int = 0
    failed: int = 0
    unknown: int = 0
    walked: int = 0
    """Scenarios of the pages that a browser walked through."""
    alarms: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """Green, unknown, or red; a run that did not end, or judged nothing, is red."""
        return {PASSED: "green", UNKNOWN: "unknown"}.get(-1 if self.code is None else self.code, "red")


def rounds(seeds: Sequence[int]) -> Iterator[Round]:
    """Divide the seeds into rounds: one run alone, two side by side, one alone, two side by side under load."""
    at = number = 0
    while at < len(seeds):
        number += 1
        size = 2 if number % 2 == 0 else 1
        yield Round(tuple(seeds[at : at + size]), load=number % 4 == 0)
        at += size


def read_outcome(folder: Path, seed: int, how: str, code: int | None, took_s: float) -> Outcome:
    """Read what a run left in its folder; nothing is there when it judged nothing."""
    try:
        run = read_run(folder / "latest")
    except ReportError as error:
        return Outcome(seed, how, code, took_s, alarms=(f"nothing was judged: {error}",))
    alarming = (*run.of("failed"), *run.of("unknown"))
    walked = [s for s in run.scenarios if s.file.startswith(PAGES) and s.outcome != "not applicable"]
    return Outcome(
        seed,
        how,
        code,
        took_s,
        passed=len(run.of("passed")),
        failed=len(run.of("failed")),
        unknown=len(run.of("unknown")),
        walked=len(walked),
        alarms=tuple(f"{scenario.outcome}: {scenario.typed}: {_reason(scenario)}" for scenario in alarming),
    )


def _reason(scenario: Scenario) -> str:
    for complaint in scenario.complaints:
        return f"{complaint.promised}: {complaint.happened}"
    return (scenario.reason or scenario.message or "no reason is stored").splitlines()[0]


def summed(outcomes: Sequence[Outcome], wanted: int) -> str:
    """The whole in one line."""
    words = [outcome.word for outcome in outcomes]
    red, unknown = words.count("red"), words.count("unknown")
    walked = sum(outcome.walked > 0 for outcome in outcomes)
    made = f"{len(words)} of {wanted} clean runs made" if len(words) < wanted else f"{len(words)} clean runs"
    return f"{made}: {red} red, {unknown} unknown, {words.count('green')} green; {walked} of them with a browser"


def tabled(outcomes: Sequence[Outcome]) -> Table:
    """One row for each run, and below it what was alarming in it."""
    table = Table("run", "seed", "how", "outcome", "passed", "red", "unknown", "pages", "took", box=None)
    for number, one in enumerate(outcomes, 1):
        counts = [str(count) for count in (one.passed, one.failed, one.unknown, one.walked)]
        table.add_row(str(number), str(one.seed), one.how, f"{one.word} ({one.code})", *counts, f"{one.took_s:.0f} s")
    return table


@contextmanager
def burning(processes: int) -> Iterator[None]:
    """Keeps processors busy meanwhile; each burner ends by itself after ten minutes at the latest."""
    burners = [subprocess.Popen([sys.executable, "-c", BURN]) for _ in range(processes)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


@contextmanager
def started(seed: int, folder: Path, workers: int) -> Iterator[subprocess.Popen[bytes]]:
    """One run in a folder of its own, where its output is too; it does not outlive us."""
    command = [UPLAB, "run", "--seed", str(seed), "--shuffle", "-n", str(workers), "--report-dir", str(folder)]
    folder.mkdir(parents=True)
    with (folder / "output.txt").open("wb") as output:
        run = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield run
        finally:
            if run.poll() is None:
                run.terminate()  # it ends its forwarders itself
                run.wait(60)


def made(one: Round, folder: Path, workers: int) -> Iterator[Outcome]:
    """Make the runs of a round."""
    begun = time.monotonic()
    with ExitStack() as stack:
        stack.enter_context(burning((os.cpu_count() or 2) if one.load else 0))
        runs = [(seed, stack.enter_context(started(seed, folder / str(seed), workers))) for seed in one.seeds]
        for seed, run in runs:
            try:
                code: int | None = run.wait(max(1.0, RUN_S - (time.monotonic() - begun)))
            except subprocess.TimeoutExpired:
                code = None
            yield read_outcome(folder / str(seed), seed, one.how, code, time.monotonic() - begun)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.steady", description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="how many runs (default: 20)")
    parser.add_argument("--workers", type=int, default=2, help="workers of each run (default: 2)")
    parser.add_argument("--seed", type=int, action="append", default=[], help="a seed to begin with; may be repeated")
    parser.add_argument("--stop", action="store_true", help="stop at the first run that is not green")
    options = parser.parse_args()
    if options.runs < 1 or options.workers < 1 or len(options.seed) > options.runs:
        parser.error("--runs and --workers are 1 or more, and there are no more seeds than runs")
    return options


def main() -> int:
    """Makes the runs, one round after the other; 1 when one of them was not green, 2 when it was stopped."""
    options, console = _options(), Console(soft_wrap=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # either ends what was started, too
    signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell hides from what it runs behind
    folder = Path(tempfile.mkdtemp(prefix="uplab-steady-"))
    if reason := missing():
        console.print(f"The pages are not walked through: {reason}.", markup=False)
    else:
        console.print(f"The pages are walked through with {find_chromium()}.", markup=False)
    console.print(f"Reports: {folder}", markup=False)
    seeds = options.seed + [secrets.randbelow(2**31) for _ in range(options.runs - len(options.seed))]
    outcomes: list[Outcome] = []
    stopped = False
    try:
        for one in rounds(seeds):
            for outcome in made(one, folder, options.workers):
                outcomes.append(outcome)
                line = f"run {len(outcomes)} of {options.runs}, seed {outcome.seed}, {outcome.how}: {outcome.word}"
                console.print(f"{line}, {outcome.passed} passed, {outcome.took_s:.0f} s", markup=False)
                for alarm in outcome.alarms:
                    console.print(f"  {alarm}", markup=False)
            if options.stop and any(outcome.word != "green" for outcome in outcomes):
                break
    except KeyboardInterrupt:
        stopped = True
    console.print(tabled(outcomes))
    console.print(summed(outcomes, options.runs), markup=False)
    if stopped:
        return 2
    return int(any(outcome.word != "green" for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
