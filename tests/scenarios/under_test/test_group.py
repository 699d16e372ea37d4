"""What the system says of the processes of a group."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from uplab.scenarios.under_test.group import cpu_s, forget_peak, held_bytes, kept_waiting_s, open_files, peak_bytes

BURN = "import time\nend = time.process_time() + 0.5\nwhile time.process_time() < end: pass"


def planted(proc: Path, pid: int, *, group: int, waited_ns: str | None, name: str = "node") -> None:
    folder = proc / str(pid)
    folder.mkdir()
    (folder / "stat").write_text(f"{pid} ({name}) S 1 {group} {group} 0 -1")
    if waited_ns is not None:
        (folder / "schedstat").write_text(f"5000000000 {waited_ns} 7\n")


def test_it_is_that_of_the_group_s_process_which_waited_longest(tmp_path: Path) -> None:
    planted(tmp_path, 10, group=10, waited_ns="1000000000", name="sh")
    planted(tmp_path, 11, group=10, waited_ns="2500000000", name="a (b) c")
    planted(tmp_path, 12, group=12, waited_ns="9000000000")

    assert kept_waiting_s(10, proc=tmp_path) == 2.5


@pytest.mark.parametrize("waited_ns", [None, "much"])
def test_what_is_not_counted_is_no_time(tmp_path: Path, waited_ns: str | None) -> None:
    planted(tmp_path, 10, group=10, waited_ns=waited_ns)

    assert kept_waiting_s(10, proc=tmp_path) == 0
    assert kept_waiting_s(10, proc=tmp_path / "nothing") == 0


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="this kernel does not count")
def test_who_shares_a_processor_waits_for_it() -> None:
    cpu = str(min(os.sched_getaffinity(0)))
    pinned = f"import os\nos.sched_setaffinity(0, [{cpu}])\n{BURN}\ninput()"
    burners = [
        subprocess.Popen([sys.executable, "-c", pinned], process_group=0, stdin=subprocess.PIPE) for _ in range(2)
    ]
    try:
        # Each needs half a second of one processor, so one of them waits for nearly as long.
        while sum(kept_waiting_s(burner.pid) for burner in burners) < 0.2:
            assert all(burner.poll() is None for burner in burners)
    finally:
        for burner in burners:
            burner.kill()
            burner.communicate()


# Holds 50 MB once, and lets them go.
HELD = "data = bytearray(50_000_000)\ndel data\nprint(flush=True)\ninput()"


def planted_memory(proc: Path, pid: int, *, group: int, peak_kb: int, held_kb: int) -> None:
    folder = proc / str(pid)
    folder.mkdir()
    (folder / "stat").write_text(f"{pid} (a (b) c) S 1 {group} {group} 0 -1")
    (folder / "status").write_text(f"Name:\tx\nVmHWM:\t  {peak_kb} kB\nVmRSS:\t  {held_kb} kB\n")


def test_processes_of_the_group_add_up(tmp_path: Path) -> None:
    planted_memory(tmp_path, 10, group=10, peak_kb=30, held_kb=20)
    planted_memory(tmp_path, 11, group=10, peak_kb=3, held_kb=2)
    planted_memory(tmp_path, 12, group=12, peak_kb=900, held_kb=900)

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


def test_what_a_group_used_and_has_open_is_added_up(tmp_path: Path) -> None:
    ticks = os.sysconf("SC_CLK_TCK")
    for pid, group, used, files in ((10, 10, (2, 1), 3), (11, 10, (4, 0), 2), (12, 12, (50, 0), 9)):
        folder = tmp_path / str(pid)
        (folder / "fd").mkdir(parents=True)
        times = " ".join(str(seconds * ticks) for seconds in used)
        (folder / "stat").write_text(f"{pid} (a) b) S 1 {group} {group} 0 -1 0 0 0 0 0 {times} 7 7")
        for number in range(files):
            (folder / "fd" / str(number)).touch()

    assert cpu_s(10, proc=tmp_path) == 7
    assert open_files(10, proc=tmp_path) == 5
    assert cpu_s(99, proc=tmp_path) == open_files(99, proc=tmp_path) == 0


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc")
def test_our_own_group_uses_something() -> None:
    assert open_files(os.getpgrp()) > 2
    assert cpu_s(os.getpgrp()) > 0
