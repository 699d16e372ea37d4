"""For how long a machine kept processes waiting for a processor: that time is nobody's who was kept."""

import contextlib
from pathlib import Path

__all__ = ["kept_waiting_s"]

_PROC = Path("/proc")


def kept_waiting_s(group: int, *, proc: Path = _PROC) -> float:
    """Seconds that the process of this group which waited longest was ready to run and did not, since its start.

    The kernel counts them (Linux: the second number of /proc/PID/schedstat, in nanoseconds). 0 where it does not.
    """
    waited_ns = [0]
    for folder in proc.glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):  # gone meanwhile, or not counted
            # The name, in brackets, may hold blanks; then come state, parent, group.
            if int((folder / "stat").read_text().rpartition(")")[2].split()[2]) == group:
                waited_ns.append(int((folder / "schedstat").read_text().split()[1]))
    return max(waited_ns) / 1e9
