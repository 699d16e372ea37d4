"""What the system says of the processes of a group: how long they were kept waiting, what they used and what they held.

Whether what comes back is kept in bounded memory shows nowhere else.
"""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

__all__ = ["cpu_s", "forget_peak", "held_bytes", "kept_waiting_s", "open_files", "peak_bytes"]

_PROC = Path("/proc")
_PEAK, _HELD = (re.compile(rf"^{name}:\s+(\d+) kB", re.MULTILINE) for name in ("VmHWM", "VmRSS"))


def kept_waiting_s(group: int, *, proc: Path = _PROC) -> float:
    """For how long a machine kept processes waiting for a processor: that time is nobody's who was kept.

    Seconds that the process of this group which waited longest was ready to run and did not, since its start. The
    kernel counts them (Linux: the second number of /proc/PID/schedstat, in nanoseconds). 0 where it does not.
    """
    waited_ns = [0]
    for folder in _of(group, proc):
        with contextlib.suppress(OSError, ValueError, IndexError):  # gone meanwhile, or not counted
            waited_ns.append(int((folder / "schedstat").read_text().split()[1]))
    return max(waited_ns) / 1e9


def peak_bytes(group: int, *, proc: Path = _PROC) -> int:
    """The most that they have held since their start, or since `forget_peak`, added up (Linux: VmHWM); 0 elsewhere."""
    return _sum(group, _PEAK, proc)


def held_bytes(group: int, *, proc: Path = _PROC) -> int:
    """What they hold now (Linux: VmRSS); 0 where the system does not say."""
    return _sum(group, _HELD, proc)


def cpu_s(group: int, *, proc: Path = _PROC) -> float:
    """User and system seconds of those that there are now, in hundredths (Linux: utime and stime); 0 elsewhere."""
    found = 0
    for folder in _of(group, proc):
        with contextlib.suppress(OSError, ValueError, IndexError):
            after_name = (folder / "stat").read_text().rpartition(")")[2].split()
            found += int(after_name[11]) + int(after_name[12])
    return found / os.sysconf("SC_CLK_TCK") if found else 0.0


def open_files(group: int, *, proc: Path = _PROC) -> int:
    """How many files and sockets they have open (Linux: /proc/PID/fd); 0 where the system does not say."""
    found = 0
    for folder in _of(group, proc):
        with contextlib.suppress(OSError):
            found += sum(1 for _ in (folder / "fd").iterdir())
    return found


def forget_peak(group: int, *, proc: Path = _PROC) -> None:
    """From now on the peak is counted anew, where the system can (Linux: 5 in /proc/PID/clear_refs)."""
    for folder in _of(group, proc):
        with contextlib.suppress(OSError):
            (folder / "clear_refs").write_text("5")


def _sum(group: int, what: re.Pattern[str], proc: Path) -> int:
    found = 0
    for folder in _of(group, proc):
        with contextlib.suppress(OSError):
            if match := what.search((folder / "status").read_text()):
                found += int(match[1]) * 1024
    return found


def _of(group: int, proc: Path) -> Iterator[Path]:
    """The processes of a group. In its line a name in brackets may hold blanks; then come state, parent, group."""
    for folder in proc.glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):  # gone meanwhile
            if int((folder / "stat").read_text().rpartition(")")[2].split()[2]) == group:
                yield folder
