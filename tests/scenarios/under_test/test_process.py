import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.scenarios.conftest import WaitUntil
from uplab.scenarios.under_test.process import Endpoints, ForwarderProcess, ForwarderStartError

READY = {
    "api": "http://127.0.0.1:1/iot-flow/v1",
    "ingress": "http://127.0.0.1:1/ingress",
    "downlink_base": "http://127.0.0.1:1",
}
SAY_READY = f"print({json.dumps(json.dumps(READY))}, flush=True)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
WAIT = "import signal; signal.pause()"


def process(tmp_path: Path, program: str) -> ForwarderProcess:
    return ForwarderProcess(
        shlex.join([sys.executable, "-c", program]), {"UPLAB_X": "yes"}, folder=tmp_path / "state", log=tmp_path / "log"
    )


def test_ready_line_gives_the_endpoints(tmp_path: Path) -> None:
    forwarder = process(
        tmp_path,
        f"import os; assert os.environ['UPLAB_X'] == 'yes'; {SAY_READY}; {WAIT}",
    )

    assert forwarder.start() == Endpoints(**READY)
    assert forwarder.pid is not None
    forwarder.stop()
    assert forwarder.pid is None


def test_log_keeps_what_it_said_without_secrets(tmp_path: Path) -> None:
    secret = "5ec0de5a" + "b" * 24
    told = f"import sys; print('key {secret}', file=sys.stderr, flush=True)"
    program = f"{DEAF}; {told}; {SAY_READY}; print('later', flush=True)"  # deaf, so that it is not stopped before
    forwarder = process(tmp_path, program)
    forwarder.start()
    forwarder.stop()

    log = (tmp_path / "log").read_text()
    assert "later" in log
    assert "key SECRET-" in log
    assert secret not in log


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (
            "import sys; print('no licence', file=sys.stderr); sys.exit(3)",
            r"ended with exit code 3 before it was ready\n  command .*\n  run in    .*/state\n  said      no licence\n"
            r"  log .*/log\n  to try",
        ),
        ("pass", r"ended with exit code 0 before it was ready\n.*\n.*\n  said      nothing\n"),
        ("import os; os.kill(os.getpid(), 9)", r"ended by SIGKILL before it was ready\n"),
        ("print('hello')", r"first line is no ready line: it lacks api, ingress, downlink_base: 'hello'"),
        ('print(\'{"api": "http://x"}\')', r"it lacks ingress, downlink_base"),
    ],
)
def test_false_start_is_told_with_command_log_and_advice(tmp_path: Path, program: str, words: str) -> None:
    with pytest.raises(ForwarderStartError, match=words) as caught:
        process(tmp_path, program).start()
    said = str(caught.value)
    assert said.startswith("the forwarder did not start: it")
    assert [line.split()[0] for line in said.splitlines()[1:]][:3] == ["command", "run", "said"]
    assert "  to try    " in said.splitlines()[-1]


LOUD = """
import sys
sys.stdout = sys.stderr
for n in range(9): print(f"line {n}")
print("\\x1b[2Jkey SECRET")
1 / 0
"""


def test_last_lines_of_the_log_are_told_without_secrets(tmp_path: Path) -> None:
    secret = "5ec0de5a" + "b" * 24
    (tmp_path / "loud.py").write_text(LOUD.replace("SECRET", secret))
    command = shlex.join([sys.executable, str(tmp_path / "loud.py")])

    with pytest.raises(ForwarderStartError) as caught:
        ForwarderProcess(command, {}, folder=tmp_path / "state", log=tmp_path / "log").start()

    said = str(caught.value)
    assert "\\x1b[2Jkey SECRET-" in said
    assert "ZeroDivisionError" in said
    assert "line 3" not in said
    assert secret not in said
    assert "\x1b" not in said


def test_secret_in_the_command_is_not_told(tmp_path: Path) -> None:
    secret = "5ec0de5a" + "b" * 24
    for command in (f"false --key {secret}", f"no-such-forwarder --key {secret}"):
        with pytest.raises(ForwarderStartError) as caught:
            ForwarderProcess(command, {}, folder=tmp_path / "state", log=tmp_path / "log").start()
        assert secret not in str(caught.value)
        assert "--key SECRET-" in str(caught.value)


def test_silent_forwarder_meets_the_deadline(tmp_path: Path) -> None:
    forwarder = process(tmp_path, WAIT)
    with pytest.raises(ForwarderStartError, match=r"no ready line within 0\.3 s"):
        forwarder.start(timeout_s=0.3)
    assert forwarder.pid is None


def test_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    forwarder = ForwarderProcess("no-such-forwarder --now", {}, folder=tmp_path, log=tmp_path / "log")
    with pytest.raises(
        ForwarderStartError, match=r"cannot be run: .*\n  command   no-such-forwarder --now\n  run in    "
    ):
        forwarder.start()


def test_one_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    program = f"{DEAF}; {SAY_READY}\nwhile True: signal.pause()"
    forwarder = process(tmp_path, program)
    forwarder.start()
    assert forwarder.stop(timeout_s=0.2) == -9


def test_it_starts_again_after_a_kill(tmp_path: Path) -> None:
    forwarder = process(tmp_path, f"{SAY_READY}; {WAIT}")
    forwarder.start()
    first = forwarder.pid
    forwarder.kill()
    forwarder.start()
    assert forwarder.pid not in (None, first)
    forwarder.stop()


STARTER = """
import os, sys
from pathlib import Path
from uplab.scenarios.under_test.process import ForwarderProcess
folder = Path(sys.argv[1])
forwarder = ForwarderProcess(sys.argv[2], {}, folder=folder, log=folder / "log")
forwarder.start()
print(forwarder.pid, flush=True)
os._exit(1)
"""


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not there: nothing can tie the two together")
def test_it_dies_with_the_worker_that_started_it(tmp_path: Path) -> None:
    ready = f"import signal; print({json.dumps(json.dumps(READY))}, flush=True); signal.pause()"
    command = shlex.join([sys.executable, "-c", ready])
    done = subprocess.run(
        [sys.executable, "-c", STARTER, str(tmp_path), command], capture_output=True, text=True, check=False
    )
    pid = int(done.stdout)

    deadline = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split(")")[1][:3]:
        assert time.monotonic() < deadline, f"process {pid} goes on"
        threading.Event().wait(0.01)


def test_end_by_itself_is_a_death_also_after_the_next_start(tmp_path: Path) -> None:
    forwarder = process(tmp_path, f"import sys; {SAY_READY}; print('out of cheese', file=sys.stderr); sys.exit(7)")
    forwarder.start()

    assert forwarder.death(patience_s=10) == "with exit code 7"
    said = forwarder.tell_death("http/test_a.py::test_b")
    assert said.startswith("the forwarder ended with exit code 7 during http/test_a.py::test_b\n  command   ")
    assert re.search(r"^( {12}|  said {6})out of cheese$", said, re.MULTILINE)  # of two streams neither comes first
    forwarder.start()
    forwarder.kill()
    assert forwarder.death() == "with exit code 7"


def test_death_before_a_kill_is_one(tmp_path: Path) -> None:
    forwarder = process(tmp_path, SAY_READY)
    forwarder.start()
    assert forwarder._process is not None
    forwarder._process.wait(10)

    forwarder.kill()

    assert forwarder.death() == "with exit code 0"


def test_end_that_was_asked_for_is_no_death(tmp_path: Path) -> None:
    forwarder = process(tmp_path, f"{SAY_READY}; {WAIT}")
    assert forwarder.death() is None
    for end in (forwarder.kill, forwarder.stop):
        forwarder.start()
        assert forwarder.death() is None
        end()
        assert forwarder.death() is None


def test_files_of_the_command_are_found_from_where_the_user_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "forwarder.py").write_text(f"import sys; assert sys.argv[1:] == ['no', 'file']; {SAY_READY}")
    (tmp_path / "python").symlink_to(sys.executable)
    monkeypatch.chdir(tmp_path)

    for program in ("python3", "./python"):
        forwarder = ForwarderProcess(
            f"{program} mine/forwarder.py no file", {}, folder=tmp_path / "s", log=tmp_path / "l"
        )
        assert forwarder.start() == Endpoints(**READY)
        forwarder.stop()


def test_program_of_the_path_comes_before_a_file_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "python3").write_text("no program")
    (tmp_path / "mine.sh").write_text("no program either")
    monkeypatch.chdir(tmp_path)

    forwarder = ForwarderProcess(
        shlex.join(["python3", "-c", SAY_READY]), {}, folder=tmp_path / "s", log=tmp_path / "l"
    )
    assert forwarder.start() == Endpoints(**READY)
    forwarder.stop()
    with pytest.raises(ForwarderStartError, match="cannot be run: it is no executable file\n"):
        ForwarderProcess("mine.sh", {}, folder=tmp_path / "s", log=tmp_path / "l").start()


def test_module_of_the_users_folder_is_found_and_hides_none_of_pythons_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "http").mkdir()
    (tmp_path / "http" / "__init__.py").write_text("raise RuntimeError('not mine')")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "forwarder.py").write_text(f"{SAY_READY}\n{WAIT}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", "")

    mine = ForwarderProcess(f"{sys.executable} -m mine.forwarder", {}, folder=tmp_path / "s", log=tmp_path / "l")
    assert mine.start() == Endpoints(**READY)
    mine.stop()
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "installed.py").write_text(f"import http.client\n{SAY_READY}\n{WAIT}\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "packages"))
    installed = ForwarderProcess(f"{sys.executable} -m installed", {}, folder=tmp_path / "s", log=tmp_path / "l")
    assert installed.start() == Endpoints(**READY)
    installed.stop()


def lives(pid: int) -> bool:
    """Whether the process is there, and no zombie that its new parent has not buried yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


LAUNCHER = (
    "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {child!r}]); "
    "open('pid', 'w').write(str(p.pid)); "
)


@pytest.mark.parametrize("code", [0, 7])
def test_launcher_that_ends_before_it_is_ready_leaves_no_child(
    tmp_path: Path, code: int, wait_until: WaitUntil
) -> None:
    forwarder = process(tmp_path, LAUNCHER.format(child=f"{DEAF}; {WAIT}") + f"sys.exit({code})")

    with pytest.raises(ForwarderStartError, match=f"ended with exit code {code} before") as caught:
        forwarder.start()

    assert ("a script ends with exec" in str(caught.value)) is (code == 0)
    wait_until(lambda: not lives(int((tmp_path / "state" / "pid").read_text())))


def test_launcher_that_ends_later_leaves_no_child(tmp_path: Path, wait_until: WaitUntil) -> None:
    forwarder = process(tmp_path, LAUNCHER.format(child=f"{DEAF}; {WAIT}") + f"{SAY_READY}; import os; os._exit(7)")
    forwarder.start()
    assert forwarder.death(patience_s=10) == "with exit code 7"

    wait_until(lambda: not lives(int((tmp_path / "state" / "pid").read_text())))
    assert forwarder.stop() == 7


def test_child_of_a_launcher_ends_in_order(tmp_path: Path) -> None:
    """The launcher goes at once, its forwarder needs a moment: that moment it has."""
    child = (
        "import signal, threading\n"
        "def stop(*_): threading.Event().wait(0.5); print('stopped in order', flush=True); raise SystemExit\n"
        f"signal.signal(signal.SIGTERM, stop); {SAY_READY}; signal.pause()"
    )
    forwarder = process(tmp_path, LAUNCHER.format(child=child) + "import signal; signal.pause()")
    forwarder.start()
    forwarder.stop()

    assert "stopped in order" in (tmp_path / "log").read_text()


def test_a_start_is_not_charged_with_what_the_machine_kept_it_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "asked"
    os.mkfifo(asked)

    def kept_waiting_s(_group: int) -> float:
        asked.write_text("its deadline has passed")
        return 30.0

    monkeypatch.setattr("uplab.scenarios.under_test.process.kept_waiting_s", kept_waiting_s)
    slow = process(tmp_path, f"open({str(asked)!r}).read(); {SAY_READY}; {WAIT}")

    assert slow.start(timeout_s=0.2) == Endpoints(**READY)
    slow.stop()


def test_nor_is_it_awaited_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uplab.scenarios.under_test.process.kept_waiting_s", lambda _group: 3600.0)

    with pytest.raises(ForwarderStartError, match=r"no ready line within 0\.05 s"):
        process(tmp_path, WAIT).start(timeout_s=0.05)
