"""What the system says of a group's memory."""

import subprocess
import sys
from pathlib import Path

import pytest

from uplab.scenarios.under_test.memory import forget_peak, held_bytes, peak_bytes

# Holds 50 MB once, and lets them go.
HELD = "data = bytearray(50_000_000)\ndel data\nprint(flush=True)\ninput()"


def planted(proc: Path, pid: int, *, group: int, peak_kb: int, held_kb: int) -> None:
    folder = proc / str(pid)
    folder.mkdir()
    (folder / "stat").write_text(f"{pid} (a (b) c) S 1 {group} {group} 0 -1")
    (folder / "status").write_text(f"Name:\tx\nVmHWM:\t  {peak_kb} kB\nVmRSS:\t  {held_kb} kB\n")


def test_processes_of_the_group_add_up(tmp_path: Path) -> None:
    planted(tmp_path, 10, group=10, peak_kb=30, held_kb=20)
    planted(tmp_path, 11, group=10, peak_kb=3, held_kb=2)
    planted(tmp_path, 12, group=12, peak_kb=900, held_kb=900)

    assert (peak_bytes(10, proc=tmp_path), held_bytes(10, proc=tmp_path)) == (33 * 1024, 22 * 1024)
    assert (peak_bytes(99, proc=tmp_path), held_bytes(10, proc=tmp_path / "nothing")) == (0, 0)

    forget_peak(10, proc=tmp_path)
    assert [(tmp_path / str(pid) / "clear_refs").exists() for pid in (10, 11, 12)] == [True, True, False]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not say")
def test_peak_is_remembered_until_it_is_forgotten() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HELD], process_group=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert peak_bytes(child.pid) - held_bytes(child.pid) > 30_000_000
        forget_peak(child.pid)
        assert peak_bytes(child.pid) - held_bytes(child.pid) < 30_000_000
        child.communicate()
