"""The process in which a codec runs: asked line by line, and ended when it gives no answer in time."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
from types import TracebackType
from typing import Any, Final, Self

from uplab.scenarios.codecs.package import Codec, CodecError

__all__ = ["CodecFailedError", "Engine"]

ANSWER_S: Final = 10.0
START_S: Final = 30.0
_CHUNK: Final = 65_536


class CodecFailedError(Exception):
    """What a codec threw, or that it gave no answer; one line."""


class Engine:
    """One codec in one time zone. CodecError where it cannot even be loaded."""

    def __init__(self, codec: Codec, *, zone: str = "UTC") -> None:
        environment = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LANG") if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "uplab.simulator.thingpark.codec_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**environment, "TZ": zone},
        )
        self._rest = b""
        try:
            self.functions: list[str] = self._ask({"files": codec.files, "main": codec.main}, START_S)
        except CodecFailedError as error:
            self.close()
            raise CodecError(f"{codec.main}: it cannot be loaded: {error}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.communicate()

    def call(self, function: str, given: Any, *, dates: tuple[str, ...] = (), now_ms: int = 0) -> Any:
        """What a function of the codec returns; CodecFailedError with what it threw."""
        request = {"function": function, "input": given, "dates": dates, "now_ms": now_ms}
        return self._ask(request, ANSWER_S)

    def _ask(self, request: dict[str, Any], limit_s: float) -> Any:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise CodecFailedError("its process has ended") from None
        answer = json.loads(self._line(limit_s))
        if "error" in answer:
            raise CodecFailedError(str(answer["error"]))
        return answer["value"]

    def _line(self, limit_s: float) -> bytes:
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._rest:
                if not selector.select(limit_s):
                    self._process.kill()
                    raise CodecFailedError(f"it gave no answer within {limit_s:g} s")
                read = os.read(self._process.stdout.fileno(), _CHUNK)
                if not read:
                    raise CodecFailedError("its process has ended")
                self._rest += read
        line, _, self._rest = self._rest.partition(b"\n")
        return line
