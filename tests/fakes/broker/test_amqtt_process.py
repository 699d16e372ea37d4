"""amqtt as a process: wrong use is one line, and it ends with whoever started it."""

import subprocess
import sys

import pytest

COMMAND = [sys.executable, "-m", "uplab.fakes.broker.amqtt_process"]


@pytest.mark.parametrize("arguments", [[], ["port"]])
def test_wrong_use_is_one_line(arguments: list[str]) -> None:
    ended = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1


def test_it_ends_when_its_stdin_does() -> None:
    process = subprocess.Popen([*COMMAND, "0"], stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.close()

    assert process.wait(60) == 0
