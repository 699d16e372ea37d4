"""Jobs in children of one process: each has its folder, its output and its own end."""

import subprocess
import sys

import pytest

PLAY = """
import os, sys, threading
from tests.faulty import warm

def work(job, folder):
    print("said", job)
    (folder / "made").write_text(str(os.getpid()))
    if job == "waits":
        threading.Event().wait()
    return 3 if job == "fails" else 0

for ended in warm.play(sys.argv[2:], work, at_a_time=2, timeout_s=float(sys.argv[1])):
    said = (ended.folder / warm.SAID).read_text()
    made = (ended.folder / "made").read_text()
    print(ended.job, ended.code, said.startswith(f"said {ended.job}"), made != str(os.getpid()), "Interrupt" in said)
"""


def played(timeout_s: float, *jobs: str) -> list[str]:
    """What is known of each job, in the order of their names."""
    command = [sys.executable, "-c", PLAY, str(timeout_s), *jobs]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return sorted(done.stdout.splitlines())


def test_each_job_has_a_child_a_folder_and_a_code() -> None:
    assert played(60, "one", "fails", "two") == [
        "fails 3 True True False",
        "one 0 True True False",
        "two 0 True True False",
    ]


def test_job_that_takes_too_long_is_interrupted_as_by_a_user() -> None:
    assert played(0.5, "waits") == ["waits 1 True True True"]


@pytest.mark.parametrize("name", ["uplab.scenarios.suites.common.destination", "tests.faulty.played"])
def test_no_suite_is_imported_beforehand(name: str) -> None:
    script = f"import sys; from tests.faulty import warm; warm.import_all(); print({name!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
