"""Each in a process of its own: a signal must not reach the one that runs the tests."""

from __future__ import annotations

import subprocess
import sys

import pytest

TWICE = "for _ in range(3): signal.raise_signal(signal.SIGINT); print('on', flush=True)"


def run(program: str, *, before: str = "") -> tuple[int, str, str]:
    source = f"import signal, sys\n{before}\nfrom uplab.scenarios.run import interrupt\n{program}\n"
    ended = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=30, check=False)
    return ended.returncode, ended.stdout, ended.stderr


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_ctrl_c_before_anything_began_ends_with_its_words(number: str) -> None:
    assert run(f"interrupt.end_quietly('stopped'); signal.raise_signal(signal.{number}); print('on')") == (
        2,
        "",
        "\nuplab: stopped\n",
    )


@pytest.mark.parametrize(
    "call", ["interrupt.end_quietly('stopped')", "interrupt.raise_again(signal.SIGINT)", "interrupt.be_patient()"]
)
def test_job_in_the_background_stays_deaf_to_ctrl_c(call: str) -> None:
    ignored = "signal.signal(signal.SIGINT, signal.SIG_IGN)"

    assert run(f"{call}; signal.raise_signal(signal.SIGINT); print('on')", before=ignored) == (0, "on\n", "")


def test_ctrl_c_that_was_held_back_comes_when_it_is_raised_again() -> None:
    held = "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT]); signal.raise_signal(signal.SIGINT)"

    code, out, _ = run(
        "try:\n interrupt.raise_again(signal.SIGINT)\n print('on')\nexcept KeyboardInterrupt:\n print('raised')",
        before=held,
    )

    assert (code, out) == (0, "raised\n")


def test_second_ctrl_c_is_answered_and_the_third_ends() -> None:
    code, out, err = run(f"interrupt.be_patient()\n{TWICE}")

    assert (code, out) == (2, "on\n")
    assert err == "\nuplab: still cleaning up; Ctrl-C once more ends it at once, without a report\n"


def test_signal_that_is_ignored_here_is_not_ignored_by_children() -> None:
    program = """
import subprocess
signal.signal(signal.SIGTERM, interrupt.ignore)
signal.raise_signal(signal.SIGTERM)
child = "import signal; print(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)"
print(subprocess.run([sys.executable, "-c", child], capture_output=True, text=True).stdout)
"""
    code, out, _ = run(program)

    assert (code, out.strip()) == (0, "True")
