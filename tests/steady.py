"""`python -m tests.steady`: clean runs must be green, whatever the seed, the order, the neighbours and the load.

Every run has a new seed, a shuffled order and two workers; every second one has another run beside it, every fourth the
processor kept busy. Stops at the first false alarm and leaves its report.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

__all__ = ["main"]

UPLAB = str(Path(sys.executable).with_name("uplab"))
BURN = "import time\nend = time.monotonic() + 600\nwhile time.monotonic() < end: pass"


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


def start(seed: int, folder: Path, workers: int) -> subprocess.Popen[str]:
    """One run in a folder of its own."""
    command = [UPLAB, "run", "--seed", str(seed), "--shuffle", "-n", str(workers), "--report-dir", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def main() -> int:
    """Runs until the number is reached or an alarm is false."""
    parser = argparse.ArgumentParser(prog="python -m tests.steady", description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="how many runs (default: 20)")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    console = Console()
    folder = Path(tempfile.mkdtemp(prefix="uplab-steady-"))
    done = round_ = 0
    while done < options.runs:
        round_ += 1
        beside, load = round_ % 2 == 0, round_ % 4 == 0
        seeds = [secrets.randbelow(2**31) for _ in range(2 if beside else 1)]
        begun = time.monotonic()
        with burning((os.cpu_count() or 2) if load else 0):
            runs = [(seed, start(seed, folder / str(seed), options.workers)) for seed in seeds]
            outputs = [(seed, run.communicate(timeout=900)[0], run.returncode) for seed, run in runs]
        for seed, output, code in outputs:
            done += 1
            record = folder / str(seed) / "latest" / "run.json"  # there is none when nothing was judged
            scenarios = json.loads(record.read_text())["scenarios"] if record.exists() else []
            passed = sum(s["outcome"] == "passed" for s in scenarios)
            took_s = time.monotonic() - begun
            how = " and ".join(["beside another"] * beside + ["under load"] * load) or "alone"
            console.print(f"run {done:2}  seed {seed:<11} {passed} passed, exit code {code}, {took_s:.0f} s, {how}")
            if code != 0:
                console.print(output, markup=False)
                console.print(f"false alarm: {folder / str(seed)}")
                return 1
    console.print(f"{done} clean runs, no false alarm")
    return 0


if __name__ == "__main__":
    sys.exit(main())
