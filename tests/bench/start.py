"""`python -m tests.bench.start [NAME ...] [--runs N]`: what it costs to start, in CPU of the process; asserts no time.

Counted are user and system seconds of each process up to its end, or up to the line that says that it is ready; how
busy the machine is changes them less than seconds on the clock. Byte code is written to a folder of its own by a first
start that does not count, as an installed uplab has it, whatever PYTHONDONTWRITEBYTECODE says here. `python` and
`pytest` are what every other row begins with: they tell how fast this machine is now.

`verdict` is in seconds on the clock: what somebody waits who calls `uplab run --only http` until its first verdict.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.bench import machine
from tests.bench.figures import Bar, Figure, Result
from tests.bench.table import render

__all__ = ["BENCHES", "main"]

_UPLAB = str(Path(sys.executable).with_name("uplab"))
_PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_one.py")
_SHIPPED = ("run", "--only", "http", "-v", "-p", "no:cacheprovider")

Measure = Callable[[Sequence[str], Path, Mapping[str, str]], float]


def ended_ms(command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> float:
    """CPU milliseconds of a process from its beginning to its end."""
    with subprocess.Popen(
        command, cwd=folder, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return (usage.ru_utime + usage.ru_stime) * 1000


def ready_ms(command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> float:
    """CPU milliseconds of a process until it says that it is ready: with its first line."""
    with subprocess.Popen(
        command, cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        used_s = machine.cpu_s(process.pid)
        process.terminate()
    if not line:
        raise SystemExit(f"{' '.join(command)} was never ready")
    return used_s * 1000


def verdict_s(command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> float:
    """Seconds on the clock until a run has told its first verdict."""
    began_s = time.monotonic()
    with subprocess.Popen(
        command, cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "PASSED" in line or "FAILED" in line or "passed  " in line:
                break
        else:
            raise SystemExit(f"{' '.join(command)} told no verdict")
        waited_s = time.monotonic() - began_s
        process.terminate()
        process.communicate()
    return waited_s


BENCHES: dict[str, tuple[Measure, Sequence[str], str, Bar | None]] = {
    "python": (ended_ms, (sys.executable, "-c", "pass"), "ms", None),
    "pytest": (ended_ms, (*_PYTEST, "-p", "no:uplab"), "ms", None),
    "plugin": (ended_ms, _PYTEST, "ms", None),
    "help": (ended_ms, (_UPLAB, "--help"), "ms", Bar(150, least=False)),
    "posthere": (ready_ms, (_UPLAB, "fake", "posthere"), "ms", Bar(300, least=False)),
    "widgelix": (ready_ms, (_UPLAB, "fake", "widgelix"), "ms", None),
    "thingsboard": (ready_ms, (_UPLAB, "fake", "thingsboard"), "ms", None),
    "forwarder": (ready_ms, (_UPLAB, "forwarder"), "ms", Bar(450, least=False)),
    "verdict": (verdict_s, (_UPLAB, *_SHIPPED), "s", Bar(3, least=False)),
}
"""By name: how it is measured, the command, the unit and the bar; plugin may be 20 ms over pytest."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures in turns, so that a busy moment of the machine meets every row, and prints the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.start", description="Measures what a start costs.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure (default all): {', '.join(BENCHES)}")
    parser.add_argument("--runs", type=int, default=7, metavar="N", help="how often (default 7)")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in BENCHES]:
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    names = options.names or list(BENCHES)
    result = Result("start", "CPU of a start", machine.load_1min())
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        runs = _measured(names, options.runs, Path(name))
    result.duration_s = time.monotonic() - began_s
    result.figures = tuple(Figure(one, BENCHES[one][2], tuple(runs[one]), BENCHES[one][3]) for one in names)
    about = machine.describe(Path(tempfile.gettempdir()))
    print(f"{about['cpu']}, {about['cores']} cores, Python {about['python']}\n\n{render([result])}", end="")
    return 0


def _measured(names: Sequence[str], count: int, folder: Path) -> dict[str, list[float]]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("UPLAB_", "PYTEST_", "PYTHONDONTWRITE"))}
    variables = {**kept, "PYTHONPYCACHEPREFIX": str(folder / "bytecode"), "UPLAB_STATE_DIR": str(folder)}
    (folder / "test_one.py").write_text("def test_one():\n    assert True\n")
    runs: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(count + 1):
        for name in names:
            measure, command, _, _ = BENCHES[name]
            value = measure(command, folder, variables)
            if turn:
                runs[name].append(value)
    return runs


if __name__ == "__main__":
    sys.exit(main())
