"""The other side of a codec's process: asked line by line, ended when it gives no answer in time, and started anew."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
from typing import Any

from uplab.simulator.forwarder.codecs.package import Package

__all__ = ["CodecError", "CodecProcess"]

START_S = 30.0  # an interpreter on a machine that is busy
ANSWER_S = 20.0  # the process itself stops a codec after a quarter of a second that it was given a processor for
CHUNK = 65_536
# Nothing of what the forwarder was told, its keys above all.
INHERITED = ("PATH", "PYTHONPATH", "LANG", "VIRTUAL_ENV")


class CodecError(Exception):
    """What a codec threw, or that it gave no answer; one line."""


class CodecProcess:
    """One codec in one time zone; for one thread at a time."""

    def __init__(self, package: Package, zone: str) -> None:
        self._package = package
        self._environment = {name: os.environ[name] for name in INHERITED if name in os.environ} | {"TZ": zone}
        self._process: subprocess.Popen[bytes] | None = None
        self._rest = b""

    def start(self) -> None:
        """Load the codec; CodecError when it cannot be."""
        self.stop()
        self._rest = b""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "uplab.simulator.forwarder.codecs.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self._environment,
            start_new_session=True,  # what ends the forwarder by a key is not for it
        )
        try:
            self._answer({"sources": dict(self._package.sources), "main": self._package.main}, START_S)
        except CodecError:
            self.stop()
            raise

    def ask(self, function: str, given: dict[str, Any], time_ms: int) -> Any:
        """Give what a function of the codec answers at a time, None where it has no such function; CodecError."""
        if self._process is None:
            self.start()
        return self._answer({"function": function, "input": given, "time_ms": time_ms}, ANSWER_S)

    def stop(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _answer(self, request: dict[str, Any], limit_s: float) -> Any:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            answer = json.loads(self._line(process, limit_s))
        except (OSError, EOFError):
            self.stop()
            raise CodecError("its process has ended") from None
        except TimeoutError:
            self.stop()
            raise CodecError(f"it gave no answer within {limit_s:g} s") from None
        if "error" in answer:
            # The platform's own wording begins with the word.
            raise CodecError(answer["error"].removeprefix("Error: "))
        return answer["value"]

    def _line(self, process: subprocess.Popen[bytes], limit_s: float) -> bytes:
        assert process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._rest:
                if not selector.select(limit_s):
                    raise TimeoutError
                read = os.read(process.stdout.fileno(), CHUNK)
                if not read:
                    raise EOFError
                self._rest += read
        line, _, self._rest = self._rest.partition(b"\n")
        return line
