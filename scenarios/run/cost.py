"""What a scenario costs of processors: this worker's own time, and that of all processes below it."""

import contextlib
import os
from collections.abc import Generator
from pathlib import Path

import pytest

__all__ = ["CPU_S", "Costs", "cpu_s"]

CPU_S = "uplab_cpu_s"
"""The property of a scenario's last report: seconds of processors."""

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
_TIMES = slice(11, 15)  # after the name: utime, stime, and those of children that were waited for


def cpu_s(pid: int | None = None, *, proc: Path = _PROC) -> float:
    """Processor seconds of a process (this one) and of those below it, lab, forwarder and browser, since their start.

    proc(5): /proc/PID/stat and /proc/PID/task/TID/children. 0 where the system does not say.
    """
    found, todo = 0, [pid or os.getpid()]
    while todo:
        folder = proc / str(todo.pop())
        with contextlib.suppress(OSError, ValueError):  # gone meanwhile
            # The name, in brackets, may hold blanks.
            found += sum(map(int, (folder / "stat").read_text().rpartition(")")[2].split()[_TIMES]))
            for children in folder.glob("task/*/children"):
                todo += map(int, children.read_text().split())
    return found / _TICKS


class Costs:
    """Tells the cost of each scenario with its last report."""

    def __init__(self) -> None:
        self._begun_s = 0.0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        """From before its fixtures are made."""
        self._begun_s = cpu_s()
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """To after they have been taken away."""
        report = yield
        if call.when == "teardown":
            # A browser takes what its processes cost along when it is closed: nobody has waited for those.
            report.user_properties.append((CPU_S, round(max(0.0, cpu_s() - self._begun_s), 3)))
        return report
