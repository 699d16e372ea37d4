import shlex
import sys

import pytest

from uplab.scenarios.under_test.ways.command import CommandError, asked, run_command

LONG_S = 30.0


def python(code: str) -> str:
    return shlex.join([sys.executable, "-c", code])


def test_answer_is_the_last_line_and_the_environment_is_told() -> None:
    code = "import json, os, sys; print('hi'); print(json.dumps({'id': json.load(sys.stdin), 'x': os.environ['X']}))"

    assert asked("--connect-command", python(code), 7, {"X": "y"}, timeout_s=LONG_S) == {"id": 7, "x": "y"}


def test_silent_command_says_nothing_wrong() -> None:
    assert asked("--bind-command", python("pass"), {}, {}, timeout_s=LONG_S) == {}


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("no-such-program-here", "--bind-command: no-such-program-here cannot be run: No such file"),
        ("'unclosed", "--bind-command: 'unclosed cannot be run"),
        (python("import sys; sys.exit('no connection there')"), "--bind-command ended with 1 and said: no connection"),
        (python("print('ok')"), "--bind-command must print one JSON object as its last line, and printed: ok"),
        (python("print([1])"), "--bind-command must print one JSON object"),
    ],
)
def test_command_that_fails_is_told_in_one_line(command: str, told: str) -> None:
    with pytest.raises(CommandError) as failed:
        asked("--bind-command", command, {}, {}, timeout_s=LONG_S)

    assert told in str(failed.value)
    assert "\n" not in str(failed.value)


def test_command_that_does_not_end_is_killed() -> None:
    ended = run_command(python("import threading; threading.Event().wait()"), b"", {}, timeout_s=0.1)

    assert ended.code is None


def test_bytes_go_in_as_they_are() -> None:
    echo = python("import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())")

    assert run_command(echo, b'{"a": 42.0}\xff', {}, timeout_s=LONG_S).out == b'{"a": 42.0}\xff'
