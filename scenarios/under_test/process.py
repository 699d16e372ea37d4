"""The forwarder under test as a process of its own: started, stopped, killed, started again; its output is its log."""

import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from uplab.scenarios.history.secrets import redact, redact_text
from uplab.scenarios.under_test.ending import at_once
from uplab.scenarios.under_test.group import kept_waiting_s
from uplab.scenarios.under_test.log import CleanLog, Stream

__all__ = ["DYING_S", "Endpoints", "ForwarderDeathError", "ForwarderProcess", "ForwarderStartError"]

MOST_PATIENCE = 6
"""So many times its deadline a start may take where the machine lets it wait: uncounted time ends, too."""

DYING_S = 1.0  # what a process may take from its last socket to its end

READY_KEYS = ("api", "ingress", "downlink_base")
"""What a ready line says. Of a forwarder without the API it need not say `api` and `downlink_base`."""

_LAST_WORDS = 8  # lines of the log
_TRY_BY_HAND = (
    "run the command by hand; the log is all that it said; scenarios/CONTRACT.md says what it finds at its start"
)
_TRY_STAY = "the command must last as long as its forwarder: a script ends with exec, or waits for it"
_TRY_LOG = (
    "the log is all that it said; no scenario had stopped it: it may have met an error, or the system may have ended it"
)
_TRY_READY_LINE = (
    "it must print one line of JSON on stdout, and flush it, when it is ready (scenarios/CONTRACT.md, section 1)"
)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a forwarder is reached: the addresses of its ready line. What it does not have is empty."""

    api: str
    ingress: str
    downlink_base: str
    pages: str | None = None

    @property
    def netloc(self) -> str:
        """Its host:port, by the API or else the ingress; empty where it has neither."""
        return urlsplit(self.api or self.ingress).netloc.rpartition("@")[2]


def _dies_with_us() -> list[str]:
    """Asks the system, where it can (Linux), to kill the forwarder when the worker that started it is killed itself."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []


class ForwarderStartError(Exception):
    """The forwarder under test did not become ready; the text says why, then what ran, what it said, what to try."""


class ForwarderDeathError(Exception):
    """The forwarder under test, which had been ready, ended by itself; the text is as that of a false start."""


def _from_here(words: list[str]) -> list[str]:
    """The command with the files of the caller's working directory as absolute paths: the forwarder runs elsewhere.

    A program without a slash is that of the PATH, where there is one.
    """
    program, *arguments = words
    ours = "/" in program or shutil.which(program) is None
    return [_absolute(program) if ours else program, *map(_absolute, arguments)]


def _modules_from_here(command: list[str]) -> dict[str, str]:
    """Lets `python -m mine` find a module of the caller's working directory, as it does when he types it there.

    Only where that module is there: else a folder `http` beside it would hide Python's own from the forwarder.
    """
    if "-m" not in command[:-1]:
        return {}
    name = command[command.index("-m") + 1].partition(".")[0]
    if not name or not (os.path.isdir(name) or os.path.isfile(f"{name}.py")):
        return {}
    return {"PYTHONPATH": os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), os.getcwd())))}


def _absolute(word: str) -> str:
    """A link stays a link: the Python of a virtual environment finds its packages beside it."""
    return os.path.abspath(word) if os.path.isfile(word) else word


def _ending(code: int) -> str:
    if code >= 0:
        return f"with exit code {code}"
    with contextlib.suppress(ValueError):
        return f"by {signal.Signals(-code).name}"
    return f"by signal {-code}"


def _visible(text: str) -> str:
    """The text without what would move a terminal's cursor or colour it."""
    return "".join(c if c.isprintable() or c == "\t" else f"\\x{ord(c):02x}" for c in text)


class ForwarderProcess:
    """Runs one command line. stdout's first line is the ready line; everything is appended to the log, redacted."""

    def __init__(
        self,
        command: str,
        environment: Mapping[str, str],
        *,
        folder: Path,
        log: Path,
        ready_keys: Sequence[str] = READY_KEYS,
    ) -> None:
        """`ready_keys` are those that its ready line has to have."""
        self._ready_keys = tuple(ready_keys)
        self.command = command
        self.environment = dict(environment)
        self.folder = folder
        self.log = log
        self.ready_line: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._readers: list[threading.Thread] = []
        self._ready = threading.Event()
        self._first_line: bytes | None = None
        self._serving = False  # ready, and not ended by us
        self._death: str | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    @property
    def down(self) -> bool:
        """Whether it was ended from here and has not become ready since; what ended by itself has a `death`."""
        return not self._serving and self._death is None

    def kept_waiting_s(self) -> float:
        """For how long this machine has kept it from running since its start, as the system counts; 0 once it ended."""
        return kept_waiting_s(self._process.pid) if self._process is not None else 0.0

    def death(self, *, patience_s: float = 0.0) -> str | None:
        """How it ended by itself since it was ready, as "with exit code 7"; a start after it changes nothing.

        Waits so long for an end that is under way: its sockets close before the process is gone.
        """
        if self._serving and self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = self._process.wait(patience_s)
                self._serving = False
                self._join_readers()
                self._end_group()
                self._death = self._death or _ending(code)
        return self._death

    def tell_death(self, scenario: str) -> str:
        """The death in words for a reader, with the scenario in which it came to light."""
        return self._told(f"the forwarder ended {self._death} during {scenario}", _TRY_LOG)

    def start(self, *, timeout_s: float = 20.0) -> Endpoints:
        """Starts it and waits for the ready line; ForwarderStartError when it ends, is silent or says otherwise.

        `timeout_s` counts the time in which this machine let it run: on a busy one a start may take longer.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._ready.clear()
        self._first_line = None
        try:
            command = _from_here(shlex.split(self.command) or [""])
            if shutil.which(command[0]) is None:
                there = os.path.isabs(command[0]) and os.path.isfile(command[0])
                raise FileNotFoundError("it is no executable file" if there else "there is no such program")
            self._process = subprocess.Popen(  # noqa: S603 - running the user's own command is the purpose
                [*_dies_with_us(), *command],
                cwd=self.folder,
                env={**os.environ, **_modules_from_here(command), **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C reaches the lab, which then stops the forwarder in order
            )
            at_once.append(self._kill_group)
        except (OSError, ValueError) as error:
            raise ForwarderStartError(
                f"the forwarder did not start: its command cannot be run: {error}\n"
                f"  command   {redact_text(self.command)}\n"
                f"  run in    {self.folder}\n"
                "  to try    name a program by its whole path, and a script after its interpreter: python3 mine.py"
            ) from None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        log = CleanLog(self.log)
        self._readers = [
            threading.Thread(target=self._read, args=(self._process.stdout, log.stream(), True), daemon=True),
            threading.Thread(target=self._read, args=(self._process.stderr, log.stream(), False), daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        self._await_ready(timeout_s)
        endpoints = self._parse_ready()
        self._serving = True
        return endpoints

    def _await_ready(self, timeout_s: float) -> None:
        assert self._process is not None
        begun_s = time.monotonic()
        deadline_s = begun_s + timeout_s
        while not self._ready.wait(0.02):
            if self._process.poll() is not None:
                self._join_readers()
                if self._first_line:
                    return
                code = self._process.returncode
                self.kill()  # what it had started may live on
                advice = _TRY_BY_HAND if code else f"{_TRY_STAY}; {_TRY_BY_HAND}"
                raise self._no_start(f"it ended {_ending(code)} before it was ready", advice)
            if time.monotonic() > deadline_s:
                deadline_s = begun_s + min(timeout_s + kept_waiting_s(self._process.pid), timeout_s * MOST_PATIENCE)
                if time.monotonic() < deadline_s:
                    continue
                self.kill()
                raise self._no_start(f"it printed no ready line within {timeout_s:g} s", _TRY_READY_LINE)

    def _parse_ready(self) -> Endpoints:
        line = self._first_line or b""
        try:
            ready = json.loads(line)
            missing = [key for key in self._ready_keys if not isinstance(ready.get(key), str)]
            unready = missing or not isinstance(ready, dict)
        except (ValueError, AttributeError):
            ready, missing, unready = {}, list(self._ready_keys), True
        if unready:
            self.kill()
            shown = redact(line)[:200].decode(errors="replace").strip()
            raise self._no_start(
                f"its first line is no ready line: it lacks {', '.join(missing) or 'an object of JSON'}: {shown!r}",
                _TRY_READY_LINE,
            )
        self.ready_line = ready
        pages = ready.get("pages")
        api, ingress, base = (str(ready.get(key) or "").rstrip("/") for key in READY_KEYS)
        return Endpoints(api, ingress, base, pages if isinstance(pages, str) else None)

    def _read(self, stream: IO[bytes], log: Stream, is_stdout: bool) -> None:
        with log, stream:
            for line in stream:
                log.write(line)
                if is_stdout and not self._ready.is_set():
                    self._first_line = line
                    self._ready.set()

    def _join_readers(self, timeout_s: float = 2.0) -> None:
        """Waits for the end of what is said: every process that had inherited the pipes is gone then."""
        deadline = time.monotonic() + timeout_s
        for reader in self._readers:
            reader.join(max(0.0, deadline - time.monotonic()))

    def _no_start(self, why: str, advice: str) -> ForwarderStartError:
        return ForwarderStartError(self._told(f"the forwarder did not start: {why}", advice))

    def _told(self, what: str, advice: str) -> str:
        """What happened with all that a user needs; the log is redacted already."""
        lines: list[str] = []
        with contextlib.suppress(OSError):
            lines = [line for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        said = [_visible(line)[:300] for line in lines[-_LAST_WORDS:]] or ["nothing"]
        rows = [("command", redact_text(self.command)), ("run in", str(self.folder))]
        rows += [("said", said[0]), *(("", line) for line in said[1:])]
        rows += [("log", str(self.log)), ("to try", advice)]
        return "\n".join([what, *(f"  {word:<9} {text}" for word, text in rows)])

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        self._end(signal.SIGKILL, 5)

    def stop(self, *, timeout_s: float = 10.0) -> int | None:
        """SIGTERM, then SIGKILL when it does not end in time; returns its exit code."""
        return self._end(signal.SIGTERM, timeout_s)

    def _end(self, number: signal.Signals, timeout_s: float) -> int | None:
        """Ends the whole group: a command line may be a shell or npm, with the forwarder as its child.

        That child may outlive its launcher: it is given the same time to end in order.
        """
        process = self._process
        self.death()  # one that ended by itself before is none of our doing
        self._serving = False
        if process is None or self._kill_group not in at_once:
            return process.returncode if process is not None else None
        deadline = time.monotonic() + timeout_s
        try:
            self._signal_group(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout_s)
                self._join_readers(max(0.0, deadline - time.monotonic()))
        finally:  # also when Ctrl-C ends the waiting
            self._end_group()
        process.wait(5)
        self._join_readers()
        return process.returncode

    def _end_group(self) -> None:
        """Once for each start: later the number may be another group's."""
        if self._kill_group in at_once:
            self._kill_group()
            at_once.remove(self._kill_group)

    def _kill_group(self) -> None:
        self._signal_group(signal.SIGKILL)

    def _signal_group(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)
