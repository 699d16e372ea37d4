"""SIGINT and SIGTERM in each phase of each command: it ends, says so in a line, and leaves no process behind."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from tests.scenarios import small_forwarder
from tests.scenarios.conftest import WaitUntil
from tests.scenarios.suite_runs import UPLAB, environment, write_suite
from uplab.scenarios.checks.conditions.reached import Reached
from uplab.scenarios.checks.standing.watch import Watch
from uplab.scenarios.history.history import History
from uplab.scenarios.history.identity import Ledger
from uplab.scenarios.lab.lab import HURRIED_S, Lab
from uplab.scenarios.lab.loop import LoopThread
from uplab.scenarios.lab.ways.reaching import STOPPING_S

SMALL = shlex.join([sys.executable, "-P", small_forwarder.__file__])
NOTE = "import os, pathlib, signal, threading; here = pathlib.Path(os.environ['HERE']); "
REACHED = NOTE + "(here / 'pid').write_text(str(os.getpid())); (here / 'reached').touch(); "
SILENT = shlex.join([sys.executable, "-c", REACHED + "threading.Event().wait(100)"])
DEAF = shlex.join(
    [
        sys.executable,
        "-P",
        "-c",
        NOTE + "(here / 'pid').write_text(str(os.getpid())); "
        "signal.signal(signal.SIGTERM, lambda *_: (here / 'reached').touch()); "
        f"import runpy; runpy.run_path({small_forwarder.__file__!r}, run_name='__main__')",
    ]
)
WAIT = f"""
{NOTE}
def wait():
    (here / "reached").touch()
    threading.Event().wait(100)
"""
KEPT = """
def test_kept(lab):
    lab.expect("one is one", True, "1")
"""
FIXTURE = """
import pytest

from uplab.scenarios.lab.lab import HURRIED_S, Lab
from uplab.scenarios.lab.ways.reaching import STOPPING_S
from uplab.scenarios.lab.loop import LoopThread
@pytest.fixture
def ending():
    yield
    wait()
def test_long(lab, ending):
    lab.expect("one is one", True, "1")
"""
# Phase -> the suite, the forwarder
PHASES = {
    "collection": (WAIT + "wait()\n" + KEPT, SMALL),
    "start of the lab": (KEPT, SILENT),
    "scenario": (WAIT + KEPT + "def test_long(lab):\n    wait()\n", SMALL),
    "end of a scenario": (WAIT + FIXTURE, SMALL),
    "stop of the lab": (KEPT, DEAF),
}
REPORTING = WAIT + "from uplab.scenarios.run import publish\npublish.publish = lambda *_, **__: wait()\n"


def begin(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [UPLAB, *arguments],
        cwd=folder,
        env=environment(HERE=str(folder), XDG_RUNTIME_DIR=str(folder)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def forwarder_is_gone(folder: Path) -> bool:
    if not (folder / "pid").exists():
        return True
    try:
        os.kill(int((folder / "pid").read_text()), 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("phase", PHASES)
def test_run_can_be_ended_in_each_phase(
    tmp_path: Path, phase: str, number: signal.Signals, wait_until: WaitUntil
) -> None:
    source, forwarder = PHASES[phase]
    write_suite(tmp_path, test_it=source)

    with begin(tmp_path, "run", ".", "--report-dir", "runs", "--forwarder-command", forwarder) as process:
        wait_until(lambda: (tmp_path / "reached").exists() or process.poll() is not None)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)

    assert process.returncode == 2, out + err
    assert "Traceback" not in out + err
    assert "stopped" in out
    wait_until(lambda: forwarder_is_gone(tmp_path))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_run_can_be_ended_while_its_report_is_written(
    tmp_path: Path, number: signal.Signals, wait_until: WaitUntil
) -> None:
    write_suite(tmp_path, test_it=KEPT, conftest=REPORTING)
    said = tmp_path / "said.txt"

    with said.open("w") as errors:
        process = subprocess.Popen(
            [UPLAB, "run", ".", "--report-dir", "runs", "--forwarder-command", SMALL],
            cwd=tmp_path,
            env=environment(HERE=str(tmp_path)),
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        with process:
            wait_until(lambda: (tmp_path / "reached").exists() or process.poll() is not None)
            process.send_signal(number)
            wait_until(said.read_text)
            process.send_signal(number)
            process.wait(60)

    assert process.returncode == 2
    assert said.read_text() == "\nuplab: still cleaning up; Ctrl-C once more ends it at once, without a report\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("forwarder", [SILENT, DEAF], ids=["start", "stop"])
def test_lab_that_is_up_can_be_ended_in_each_phase(
    tmp_path: Path, forwarder: str, number: signal.Signals, wait_until: WaitUntil
) -> None:
    said = tmp_path / "said.txt"
    with said.open("w") as output:
        process = subprocess.Popen(
            [UPLAB, "up", "--json", "--forwarder-command", forwarder],
            cwd=tmp_path,
            env=environment(HERE=str(tmp_path), XDG_RUNTIME_DIR=str(tmp_path)),
            stdout=output,
            stderr=output,
        )
        with process:
            if forwarder == DEAF:
                wait_until(lambda: "desk" in said.read_text() or process.poll() is not None)
                process.send_signal(number)  # and the forwarder does not hear the lab
            wait_until(lambda: (tmp_path / "reached").exists() or process.poll() is not None)
            process.send_signal(number)
            if forwarder == DEAF:
                wait_until(lambda: "still cleaning up" in said.read_text() or process.poll() is not None)
                process.send_signal(number)
            process.wait(60)

    assert process.returncode == 2, said.read_text()
    assert "Traceback" not in said.read_text()
    if forwarder == SILENT:
        assert said.read_text() == "uplab: stopped before the lab was up\n"
    wait_until(lambda: forwarder_is_gone(tmp_path))


def test_taken_port_that_is_not_the_first_ends_the_run(tmp_path: Path, free_ports: int) -> None:
    import socket

    write_suite(tmp_path, test_it=KEPT)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_ports + 3))
        taken.listen()
        with begin(tmp_path, "run", ".", "--report-dir", "runs", "--base-port", str(free_ports)) as process:
            out, err = process.communicate(timeout=60)

    assert process.returncode == 3, out + err
    assert f"uplab: the lab cannot be started: port {free_ports + 3} of 127.0.0.1 is in use already; app.wi" in out
    assert "--base-port N" in out


class Unasked:
    """Stands in for what a scenario made, and for the API: whoever uses it now would wait."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"{name} is used")


class Ending:
    """Stands in for the process of a forwarder that ends when it likes."""

    def __init__(self) -> None:
        self.given_s: list[float] = []

    def stop(self, *, timeout_s: float) -> None:
        self.given_s.append(timeout_s)


def test_run_that_was_stopped_asks_its_own_forwarder_for_nothing_more() -> None:
    lab = Lab.__new__(Lab)
    lab.loop, lab.hurried = LoopThread(), False
    lab._process = process = cast(Any, Ending())
    lab.belongings, lab._api = cast(Any, Unasked()), cast(Any, Unasked())
    lab.watch, lab.reached, lab.history = Watch(), Reached(), History(Ledger())

    lab._stop_forwarder()
    lab.hurry()
    left = lab.end()
    lab._stop_forwarder()
    lab.loop.stop()

    assert left == []
    assert process.given_s == [STOPPING_S, HURRIED_S]
