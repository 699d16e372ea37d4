"""Whose processor time a scenario costs."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from uplab.scenarios.run import cost
from uplab.scenarios.run.cost import CPU_S, Costs, cpu_s

TICKS = os.sysconf("SC_CLK_TCK")


def planted(proc: Path, pid: int, ticks: tuple[int, int, int, int], *children: int) -> None:
    task = proc / str(pid) / "task" / str(pid)
    task.mkdir(parents=True)
    (task / "children").write_text(" ".join(map(str, children)))
    times = " ".join(map(str, ticks))
    (proc / str(pid) / "stat").write_text(f"{pid} (a (b) c) S 1 1 1 0 -1 4 0 0 0 0 {times} 20 0")


def test_all_below_count_with_what_they_have_waited_for(tmp_path: Path) -> None:
    planted(tmp_path, 10, (1, 2, 3, 4), 11, 12)
    planted(tmp_path, 11, (10, 0, 0, 0), 13)
    planted(tmp_path, 13, (100, 0, 0, 0))
    planted(tmp_path, 14, (9000, 0, 0, 0))  # nobody's child; 12 has gone meanwhile

    assert cpu_s(10, proc=tmp_path) == 120 / TICKS
    assert cpu_s(99, proc=tmp_path) == 0


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="this system does not say")
def test_child_that_works_costs() -> None:
    burn = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass\ninput()"
    before = cpu_s()
    with subprocess.Popen([sys.executable, "-c", burn], stdin=subprocess.PIPE) as child:
        while cpu_s() - before < 0.3:
            assert child.poll() is None


def told(monkeypatch: pytest.MonkeyPatch, begun_s: float, ended_s: float) -> float:
    """What a scenario is told to have cost, by the sums before and after it."""
    sums = iter((begun_s, ended_s))
    monkeypatch.setattr(cost, "cpu_s", lambda: next(sums))
    costs, report = Costs(), SimpleNamespace(user_properties=[])
    around: Any = costs.pytest_runtest_protocol()
    next(around)
    made: Any = costs.pytest_runtest_makereport(SimpleNamespace(when="teardown"))  # type: ignore[arg-type]
    next(made)
    with pytest.raises(StopIteration):
        made.send(report)
    return float(dict(report.user_properties)[CPU_S])


def test_what_ended_unseen_is_no_gain(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, 10.0, 12.5) == 2.5
    assert told(monkeypatch, 90.0, 18.0) == 0.0
