"""The machine: what it is, how busy it is, and what a process of ours has used of it."""

import hashlib
import math
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import psutil  # type: ignore[import-untyped]

__all__ = ["Others", "calibrated", "cpu_s", "describe", "load_1min", "memory_mb"]


def describe(folder: Path) -> dict[str, Any]:
    """The machine in plain data; `folder` is where state files go, whose file system counts for durability."""
    mounts = sorted(psutil.disk_partitions(all=True), key=lambda mount: len(mount.mountpoint))
    under = [mount.fstype for mount in mounts if folder.resolve().is_relative_to(mount.mountpoint)]
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "state_file_system": under[-1] if under else "unknown",
        "load_at_start": [round(load, 2) for load in os.getloadavg()],
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }


def _cpu_model() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


_LOOPS = 4_000
_DOCUMENT = {"DevEUI_uplink": {f"field {number}": [number, f"text {number}", number / 7] for number in range(20)}}


def calibrated() -> float:
    """How many rounds of a fixed piece of work a second of CPU does now: JSON there and back, and its SHA-256.

    Machines differ, and one machine from hour to hour: what a figure costs is told in these rounds beside it.
    """
    best_s = math.inf
    for _ in range(3):
        began_s = time.process_time()
        for _ in range(_LOOPS):
            raw = orjson.dumps(_DOCUMENT)
            orjson.loads(raw)
            hashlib.sha256(raw).hexdigest()
        best_s = min(best_s, time.process_time() - began_s)
    return _LOOPS / best_s


def load_1min() -> float:
    """The load average of the last minute."""
    return os.getloadavg()[0]


def cpu_s(pid: int) -> float:
    """User and system seconds of a process and of the children that it has now."""
    process = psutil.Process(pid)
    return sum(_own_cpu_s(one) for one in (process, *process.children(recursive=True)))


def _own_cpu_s(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def memory_mb(pid: int) -> float:
    """The resident memory of a process."""
    return float(psutil.Process(pid).memory_info().rss) / 1e6


class Others:
    """How many cores the processes that are not ours used while we measured; steal by other guests counts as theirs."""

    def __init__(self) -> None:
        self._busy_s = 0.0
        self._elapsed_s = 0.0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Counts what happens meanwhile; no process of ours may end in it."""
        began_s, busy_s, ours_s = time.monotonic(), _busy_s(), cpu_s(os.getpid())
        try:
            yield
        finally:
            self._busy_s += max(_busy_s() - busy_s - (cpu_s(os.getpid()) - ours_s), 0.0)
            self._elapsed_s += time.monotonic() - began_s

    @property
    def cores(self) -> float | None:
        """Cores in use by others, over all that was watched."""
        return self._busy_s / self._elapsed_s if self._elapsed_s else None


def _busy_s() -> float:
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    return float(sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0) - idle)
