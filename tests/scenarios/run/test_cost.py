"""Whose processor time a scenario costs."""

import os
import subprocess
import sys
from pathlib import Path

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


def test_what_a_closed_browser_takes_along_is_no_gain(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([50.0, 3.0])
    monkeypatch.setattr(cost, "cpu_s", lambda: next(times))
    costs, report = Costs(), pytest.TestReport("a", ("a.py", 1, "a"), {}, "passed", None, "teardown")

    around = costs.pytest_runtest_protocol()
    next(around)
    making = costs.pytest_runtest_makereport(pytest.CallInfo.from_call(lambda: None, "teardown"))
    next(making)
    with pytest.raises(StopIteration):
        making.send(report)

    assert report.user_properties == [(CPU_S, 0.0)]
