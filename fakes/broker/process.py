"""The broker behind the relay: a process of its own, amqtt or what a command names, started when it is first needed."""

import asyncio
import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Final

__all__ = ["AMQTT", "PORT", "BrokerError", "BrokerProcess"]

PORT: Final = "{port}"
AMQTT: Final = shlex.join([sys.executable, "-m", "uplab.fakes.broker.amqtt_process", PORT])
_READY_S: Final = 30.0  # from its start until it takes connections; a loaded machine takes long to import amqtt
_STOP_S: Final = 5.0
_ASK_S: Final = 0.02
_SHOWN: Final = 200  # characters of its last words


class BrokerError(OSError):
    """The broker cannot be had; its text is one line, and `strerror` too."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.strerror = text


class BrokerProcess:
    """One broker on a free port of loopback; `{port}` in its command stands for that port.

    All methods belong to the thread of the event loop.
    """

    def __init__(self, command: str = AMQTT) -> None:
        self.command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._log: IO[bytes] | None = None
        self._port = 0
        self._ready = False
        self._down = False
        self._gate: asyncio.Lock | None = None

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    async def reach(self) -> tuple[str, int]:
        """Where it takes connections; it is started first, unless it was killed. BrokerError where it cannot be had."""
        if self._gate is None:
            self._gate = asyncio.Lock()
        async with self._gate:
            if self._down:
                raise BrokerError("the broker is down")
            if self._process is not None and (code := self._process.poll()) is not None:
                raise BrokerError(f"the broker has ended with {code}: {self._last_words()}")
            if self._process is None:
                self._start()
            if not self._ready:
                await self._wait()
            return "127.0.0.1", self._port

    def kill(self) -> None:
        """End it at once, and keep it down until `revive`."""
        self._down, self._ready = True, False
        self._end()

    def revive(self) -> None:
        """Let it be started again when it is next needed, at its port."""
        self._down = False

    async def stop(self) -> None:
        """End it, and remove what it has left."""
        self._ready = False
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_STOP_S):
                    while self._process.poll() is None:  # noqa: ASYNC110 - a process has no event for it
                        await asyncio.sleep(_ASK_S)
        self._end()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _start(self) -> None:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="uplab-broker-", ignore_cleanup_errors=True)
        self._port = self._port or _free_port()
        self._log = Path(self._folder.name, "log").open("ab")  # noqa: SIM115 - it is the process's own
        words = [word.replace(PORT, str(self._port)) for word in shlex.split(self.command)]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - running the user's own command is the purpose
                words,
                stdin=subprocess.PIPE,
                stdout=self._log,
                stderr=self._log,
                cwd=self._folder.name,
                start_new_session=True,
            )
        except OSError as error:
            raise BrokerError(f"the broker's command cannot be run: {error.strerror}: {words[0]}") from None

    async def _wait(self) -> None:
        """Until it takes a connection."""
        assert self._process is not None
        try:
            async with asyncio.timeout(_READY_S):
                while True:
                    if (code := self._process.poll()) is not None:
                        raise BrokerError(f"the broker ended with {code} at its start: {self._last_words()}")
                    with contextlib.suppress(ConnectionError):
                        _, writer = await asyncio.open_connection("127.0.0.1", self._port)
                        writer.transport.abort()
                        self._ready = True
                        return
                    await asyncio.sleep(_ASK_S)
        except TimeoutError:
            raise BrokerError(
                f"the broker did not listen on port {self._port} within {_READY_S:g} s: does its command name {PORT}?"
            ) from None

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # and whatever else it has started
            process.wait(_STOP_S)
            if process.stdin is not None:
                process.stdin.close()
        if self._log is not None:
            self._log.close()
            self._log = None

    def _last_words(self) -> str:
        if self._folder is None:
            return "it said nothing"
        said = Path(self._folder.name, "log").read_bytes()[-4096:].decode(errors="replace").strip().splitlines()
        return said[-1][:_SHOWN] if said else "it said nothing"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
